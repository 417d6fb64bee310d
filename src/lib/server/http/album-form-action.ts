import { type ActionFailure, fail, redirect, type RequestEvent } from '@sveltejs/kit';
import type { AlbumFormValues } from '#lib/albums/album-form-values.ts';
import { albumFormValues } from '#lib/server/albums/album-form.ts';
import { mayKeepAlbums } from '#lib/server/albums/permission.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { type ArtistViewer, requireArtistPage } from './guards.ts';

/** Why a form about an album was not taken, and how it was sent. */
export interface AlbumFormFailure {
	message: string;
	/** the field it is about */
	field: string | null;
	/** null: it was not about what the album says */
	sent: AlbumFormValues | null;
}

/** Where to sign in first, with the permission that is missing or again; undefined for other errors. */
export function signInFirstAddress(cause: DomainError, returnTo: string): string | undefined {
	const query = new URLSearchParams({ return_to: returnTo });
	if (cause.code === 'permission_needed') return `/auth/permission?${query}`;
	return cause.status === 401 ? `/login?${query}` : undefined;
}

function fieldOf({ detail }: DomainError): string | null {
	const isOfField = typeof detail === 'object' && detail !== null && 'field' in detail;
	return isOfField ? String(detail.field) : null;
}

/** Where to go on, by way of the permission to keep albums when it has not been given yet. */
export async function askForAlbums(ctx: Context, viewer: ArtistViewer, next: string) {
	if (await mayKeepAlbums(ctx, viewer)) return next;
	return `/auth/permission?${new URLSearchParams({ return_to: next })}`;
}

/**
 * An action of a form about albums: leads where `act` says, to the sign-in when that has to come
 * first, or back to the form with the reason and as it was sent.
 */
export const albumFormAction =
	<E extends RequestEvent>(
		act: (event: E, viewer: ArtistViewer, form: FormData) => Promise<string>
	) =>
	async (event: E): Promise<ActionFailure<AlbumFormFailure>> => {
		const viewer = requireArtistPage(event);
		const form = await event.request.formData();
		let next: string;
		try {
			next = await act(event, viewer, form);
		} catch (cause) {
			if (!(cause instanceof DomainError)) throw cause;
			const address = signInFirstAddress(cause, event.url.pathname);
			if (address === undefined) {
				const { message, status } = cause;
				const sent = form.has('title') ? albumFormValues(form) : null;
				return fail(status, { message, field: fieldOf(cause), sent });
			}
			next = address;
		}
		redirect(303, next);
	};
