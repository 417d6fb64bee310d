import type { RequestEvent } from '@sveltejs/kit';
import { setupAddress } from '#lib/server/auth/sign-in.ts';
import { DomainError } from '#lib/server/errors.ts';
import { refuse } from './refuse.ts';

/**
 * The target of a form that sends a file without JavaScript. It always leads to a page: the one
 * `act` names, the form's own with the code of the error in `errorParameter`, or sign-in.
 * @param formPage path of the page the form is on
 */
export function answerForm(
	formPage: string,
	errorParameter: string,
	act: (event: RequestEvent) => Promise<string>
): (event: RequestEvent) => Promise<Response> {
	return async (event) => {
		const headers = new Headers();
		try {
			headers.set('location', await act(event));
		} catch (cause) {
			if (!(cause instanceof DomainError)) throw cause;
			// when to go on is in the sentence itself, not in its code
			if (cause.status === 429) return refuse(event, cause);
			headers.set('location', wayBack(cause, formPage, errorParameter));
			// not all of what is too large may be read: the connection cannot be used again
			if (cause.status === 413) headers.set('connection', 'close');
		}
		return new Response(null, { status: 303, headers });
	};
}

function wayBack(cause: DomainError, formPage: string, errorParameter: string): string {
	if (cause.status === 401) return `/login?${new URLSearchParams({ return_to: formPage })}`;
	if (cause.code === 'artist_profile_required') return setupAddress(formPage);
	return `${formPage}?${new URLSearchParams({ [errorParameter]: cause.code })}`;
}
