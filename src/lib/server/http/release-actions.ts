import { type ActionFailure, fail, redirect, type RequestEvent } from '@sveltejs/kit';
import type { ReleaseChange, ReleaseState } from '#lib/releases/release.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { readReleaseForm, typedValues } from '#lib/server/releases/release-form.ts';
import { getRelease } from '#lib/server/releases/releases.ts';
import { type ArtistViewer, requireArtistPage } from './guards.ts';

/** What an action on a release works with. */
export interface ReleaseAction {
	ctx: Context;
	viewer: ArtistViewer;
	/** of the release */
	id: string;
	/** as it is now */
	release: ReleaseState;
	form: FormData;
	/** what the form says that differs from what is kept */
	change: ReleaseChange;
}

/** What a refused form leads back with. */
export interface RefusedRelease {
	message: string;
	code: string;
	/** name of the field that does not fit; null when it is none */
	field: string | null;
	/** what was typed, by the name of its field */
	values: Record<string, string>;
	/** it is a question, and nothing was done yet */
	isQuestion: boolean;
}

/** Thrown by an action that asks first whether it is meant; nothing that was typed is lost by it. */
class AreYouSure extends Error {}

export const askToDiscard = () =>
	new AreYouSure('discard this draft, with all of its files? it cannot be brought back.');

/**
 * An action of the page of a release: does something and goes on to the address `act` returns, or
 * comes back with the reason and everything that was typed.
 */
export const onRelease =
	(act: (action: ReleaseAction) => Promise<string>) =>
	async (event: RequestEvent): Promise<ActionFailure<RefusedRelease>> => {
		const viewer = requireArtistPage(event);
		const { ctx } = event.locals;
		const id = event.params['release_id'] ?? '';
		const form = await event.request.formData();
		let next: string;
		try {
			const release = await getRelease(ctx, viewer, id);
			const change = readReleaseForm(form, release);
			next = await act({ ctx, viewer, id, release, form, change });
		} catch (cause) {
			const values = typedValues(form);
			if (cause instanceof AreYouSure) {
				const { message } = cause;
				return fail(400, { message, code: 'sure', field: null, values, isQuestion: true });
			}
			if (!(cause instanceof DomainError)) throw cause;
			const { status, message, code } = cause;
			return fail(status, { message, code, field: fieldOf(cause), values, isQuestion: false });
		}
		redirect(303, next);
	};

function fieldOf({ code, detail }: DomainError): string | null {
	if (code === 'rights_not_confirmed') return 'rights';
	const hasField = typeof detail === 'object' && detail !== null && 'field' in detail;
	return hasField ? String(detail.field) : null;
}
