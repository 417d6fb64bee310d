import type { ServerLoadEvent } from '@sveltejs/kit';
import type { Viewer } from '#lib/auth/viewer.ts';
import { getAccountDeletion } from '#lib/server/accounts/delete-account.ts';
import { listDeveloperTokens } from '#lib/server/auth/developer-tokens.ts';
import { listOwnSignIns } from '#lib/server/auth/own-sign-ins.ts';
import { notFound } from '#lib/server/errors.ts';

/**
 * What is on a page about one's own account: all of them are one route, as every route is named in what
 * every listener loads.
 * @throws DomainError 404 for one there is not
 */
export async function openAccountSection(event: ServerLoadEvent, viewer: Viewer, section: string) {
	const { ctx, session } = event.locals;
	switch (section) {
		case 'sign-ins':
			return { section, signIns: await listOwnSignIns(ctx, viewer, session?.idHash) };
		case 'tokens':
			// one that was just made is on it
			event.setHeaders({ 'cache-control': 'private, no-store' });
			return { section, tokens: await listDeveloperTokens(ctx, viewer) };
		case 'export':
			return { section };
		case 'delete-account':
			return { section, handle: viewer.handle, deletion: await getAccountDeletion(ctx, viewer) };
		default:
			throw notFound('there is nothing here');
	}
}
