import { type ActionFailure, fail, type RequestEvent } from '@sveltejs/kit';
import { DomainError } from '#lib/server/errors.ts';
import { page } from './respond.ts';

/**
 * The action of a small form: what does not fit, or is over already, is said on the page of the form.
 * Everything else is the error of a page.
 */
export function formAction<E extends RequestEvent>(
	act: (event: E) => Promise<unknown>
): (event: E) => Promise<ActionFailure<{ message: string }> | undefined> {
	return page(async (event: E) => {
		try {
			await act(event);
		} catch (cause) {
			const isSaid = cause instanceof DomainError && [409, 422].includes(cause.status);
			const isOver =
				cause instanceof DomainError && cause.code !== 'not_found' && cause.status === 404;
			if (isSaid || isOver) return fail(cause.status, { message: cause.message });
			throw cause;
		}
		return undefined;
	});
}
