import { fail, type RequestEvent } from '@sveltejs/kit';
import { DomainError } from '#lib/server/errors.ts';

/**
 * An action of a page about one's own account: does something with what its form says, or comes back
 * with the sentence that says why not, beside what was typed.
 */
export async function actOnAccount<T>(event: RequestEvent, act: (form: FormData) => Promise<T>) {
	const form = await event.request.formData();
	try {
		return await act(form);
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
