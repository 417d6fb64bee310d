import { type Actions, fail, redirect, type RequestEvent } from '@sveltejs/kit';
import {
	checkOwnCatalogue,
	getCatalogueState,
	listProblems,
	repairEverything,
	repairOwnProblem
} from '#lib/server/catalogue/catalogue.ts';
import { DomainError } from '#lib/server/errors.ts';
import { type ArtistViewer, requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import type { PageServerLoadEvent } from './$types.js';

/** What the last check found, and how the present one goes on. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const { ctx } = event.locals;
	// one after the other: when nothing goes on any more, what is listed is from after it
	const state = await getCatalogueState(ctx, viewer);
	return { state, attention: await listProblems(ctx, viewer) };
});

/** Does something to the viewer's catalogue and comes back, or says why not. */
const onCatalogue = (
	act: (event: RequestEvent, viewer: ArtistViewer, form: FormData) => Promise<unknown>
) =>
	async function (event: RequestEvent) {
		const viewer = requireArtistPage(event);
		const form = await event.request.formData();
		try {
			await act(event, viewer, form);
		} catch (cause) {
			if (!(cause instanceof DomainError)) throw cause;
			return fail(cause.status, { message: cause.message });
		}
		redirect(303, '/portal/catalogue');
	};

export const actions = {
	check: onCatalogue(({ locals }, viewer) => checkOwnCatalogue(locals.ctx, viewer)),
	repair: onCatalogue(({ locals }, viewer, form) =>
		repairOwnProblem(locals.ctx, viewer, Number(form.get('problem_id')), {
			choice: form.get('choice') === 'ours' ? 'ours' : 'record',
			isConfirmed: form.get('confirmed') === 'yes'
		})
	),
	repair_all: onCatalogue(({ locals }, viewer, form) =>
		repairEverything(locals.ctx, viewer, { isConfirmed: form.get('confirmed') === 'yes' })
	)
} satisfies Actions;
