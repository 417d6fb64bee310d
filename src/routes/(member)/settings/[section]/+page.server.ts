import {
	askForDeletion,
	endAll,
	endOne,
	endOthers,
	keepAccount,
	makeToken,
	revokeToken
} from '#lib/server/http/account-actions.ts';
import { openAccountSection } from '#lib/server/http/account-section.ts';
import { requireViewer } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import type { Actions, PageServerLoadEvent } from './$types.js';

/** Sign-ins, tokens, taking everything along, deleting the account. */
export const load = page(async (event: PageServerLoadEvent) =>
	openAccountSection(event, requireViewer(event), event.params.section)
);

export const actions = {
	one: (event) => endOne(event, requireViewer(event)),
	others: (event) => endOthers(event, requireViewer(event)),
	all: (event) => endAll(event, requireViewer(event)),
	make: (event) => makeToken(event, requireViewer(event)),
	revoke: (event) => revokeToken(event, requireViewer(event)),
	delete: (event) => askForDeletion(event, requireViewer(event)),
	keep: (event) => keepAccount(event, requireViewer(event))
} satisfies Actions;
