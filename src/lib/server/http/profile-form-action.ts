import { type ActionFailure, fail, redirect, type RequestEvent } from '@sveltejs/kit';
import { receiveProfile, typedProfile } from '#lib/server/artists/profile-form.ts';
import { DomainError } from '#lib/server/errors.ts';
import type { ArtistViewer } from './guards.ts';

/** Why a profile was not taken, and how it was sent. */
export interface ProfileFormFailure {
	message: string;
	/** the field it is about */
	field: string | null;
	sent: ReturnType<typeof typedProfile>;
}

/** The action of the form of one's own profile: saved, or back to it with the reason. */
export async function profileFormAction(
	event: RequestEvent,
	viewer: ArtistViewer
): Promise<ActionFailure<ProfileFormFailure>> {
	const typed = new Map<string, string>();
	try {
		await receiveProfile(event.locals.ctx, viewer, event.request, typed);
	} catch (cause) {
		if (!(cause instanceof DomainError)) throw cause;
		// the rest of what is too large is not read: the connection cannot be used again
		if (cause.status === 413) event.setHeaders({ connection: 'close' });
		const failure = { message: cause.message, field: fieldOf(cause), sent: typedProfile(typed) };
		return fail(cause.status, failure);
	}
	redirect(303, '/portal/profile?saved');
}

function fieldOf({ code, detail }: DomainError): string | null {
	if (typeof detail === 'object' && detail !== null && 'field' in detail) {
		return String(detail.field);
	}
	return /image|heic|upload/.test(code) ? 'image' : null;
}
