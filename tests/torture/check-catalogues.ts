import { setTimeout as sleep } from 'node:timers/promises';
import { getCatalogueState, listProblems } from '#lib/server/catalogue/catalogue.ts';
import { requestCheck } from '#lib/server/catalogue/request-check.ts';
import type { Context } from '#lib/server/context.ts';
import type { Artist } from './artist.ts';
import type { Violation } from './check-world.ts';

const LIMIT_MS = 60_000;

/** What the product itself finds when each artist asks it to check their catalogue. */
export async function checkCatalogues(
	ctx: Context,
	artists: readonly Artist[]
): Promise<Violation[]> {
	const violations: Violation[] = [];
	for (const { did, name } of artists) {
		const viewer = { did, handle: `${name}.test`, displayName: name, avatarUrl: null };
		await requestCheck(ctx, did);
		const endsAt = Date.now() + LIMIT_MS;
		while ((await getCatalogueState(ctx, viewer)).check !== 'done' && Date.now() < endsAt) {
			await sleep(200);
		}
		const { check, trouble } = await getCatalogueState(ctx, viewer);
		if (check !== 'done') violations.push({ kind: 'check_not_done', about: `${name}: ${trouble}` });
		const { subjects } = await listProblems(ctx, viewer);
		for (const { title, problems } of subjects) {
			for (const { kind, detail } of problems) {
				const about = `${name}, “${title}”: ${JSON.stringify(detail)}`;
				violations.push({ kind: `catalogue_${kind}`, about });
			}
		}
	}
	return violations;
}
