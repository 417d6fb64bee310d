import { redirect } from '@sveltejs/kit';
import { safeReturnTo } from '#lib/auth/return-to.ts';
import { signInReason, signInSentence } from '#lib/auth/sign-in-sentences.ts';
import { hasToSignInAgain } from '#lib/server/auth/sign-in.ts';
import { page } from '#lib/server/http/respond.ts';
import { beginSignIn } from '#lib/server/http/sign-in-flow.ts';
import type { Actions, PageServerLoad } from './$types.js';

/** The form, with what is known already; people who are signed in go on, unless something is wrong. */
export const load: PageServerLoad = async ({ url, locals: { ctx, viewer } }) => {
	const isEnded = viewer !== null && (await hasToSignInAgain(ctx, viewer));
	const problem = signInSentence(
		url.searchParams.get('error') ?? (isEnded ? 'sign_in_again' : null)
	);
	const returnTo = safeReturnTo(url.searchParams.get('return_to'));
	const program = url.searchParams.get('program');
	if (viewer && problem === undefined && program === null) redirect(303, returnTo);
	return {
		problem,
		reason: signInReason(url.searchParams.get('reason')),
		returnTo,
		program,
		handle: url.searchParams.get('handle') ?? viewer?.handle ?? ''
	};
};

export const actions: Actions = {
	default: page(async (event) => {
		const form = await event.request.formData();
		const field = (name: string) => {
			const value = form.get(name);
			return typeof value === 'string' && value !== '' ? value : null;
		};
		const handle = field('handle') ?? '';
		return beginSignIn(event, {
			handle,
			returnTo: field('return_to'),
			program: field('program')
		});
	})
};
