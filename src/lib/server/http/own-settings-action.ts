import { fail, type RequestEvent } from '@sveltejs/kit';
import type { Viewer } from '#lib/auth/viewer.ts';
import { DomainError } from '#lib/server/errors.ts';

/**
 * An action of a page about one's own account: does something with what its form says, or comes back
 * with the sentence that says why not, beside what was typed.
 */
export async function actOnAccount<T>(
	event: RequestEvent,
	viewer: Viewer,
	act: (form: FormData, viewer: Viewer) => Promise<T>
) {
	const form = await event.request.formData();
	try {
		return await act(form, viewer);
	} catch (cause) {
		if (!(cause instanceof DomainError)) throw cause;
		return fail(cause.status, { message: cause.message, code: cause.code });
	}
}

/** What a field of a form says; '' when it is not there. */
export const textOf = (form: FormData, name: string): string => {
	const value = form.get(name);
	return typeof value === 'string' ? value : '';
};
