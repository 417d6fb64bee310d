import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { CatalogueReport, Problem } from '#lib/catalogue/catalogue.ts';
import {
	checkOwnCatalogue,
	getCatalogueState,
	listProblems
} from '#lib/server/catalogue/catalogue.ts';
import type { Context } from '#lib/server/context.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';

const LIMIT_MS = 90_000;
export const COLLECTION = 'fm.plyr.dev.track';

/** Has a catalogue checked, and waits for it. */
export async function check(ctx: Context, viewer: Viewer): Promise<CatalogueReport> {
	await checkOwnCatalogue(ctx, viewer);
	return await settled(ctx, viewer);
}

/** Waits until nothing is wanted any more. */
export async function settled(ctx: Context, viewer: Viewer): Promise<CatalogueReport> {
	const end = Date.now() + LIMIT_MS;
	for (;;) {
		const state = await getCatalogueState(ctx, viewer);
		if (state.check === 'done' && state.repairsLeft === 0 && state.report) return state.report;
		if (Date.now() > end) throw new Error(`it is not settled: ${JSON.stringify(state)}`);
		await sleep(50);
	}
}

/** Everything that needs attention, with the track it is about. */
export async function problems(
	ctx: Context,
	viewer: Viewer
): Promise<(Problem & { trackId: number | null; uri: string; title: string })[]> {
	const { subjects } = await listProblems(ctx, viewer);
	return subjects.flatMap((subject) => {
		const { trackId, uri, title } = subject;
		return subject.problems.map((problem) => ({ ...problem, trackId, uri, title }));
	});
}

/** Another client of the artist's, which knows nothing of us. */
export async function otherClient(ctx: Context, did: string) {
	const { com } = await ctx.oauth.agentFor(did);
	const address = async (id: number) => {
		const { rkey } = await trackRow(ctx, id);
		return { repo: did, collection: COLLECTION, rkey };
	};
	const read = async (id: number) =>
		(await com.atproto.repo.getRecord(await address(id))).data.value as Record<string, unknown>;
	return {
		read,
		async deletes(id: number): Promise<void> {
			await com.atproto.repo.deleteRecord(await address(id));
		},
		/** undefined takes a field away */
		async edits(id: number, change: Record<string, unknown>): Promise<void> {
			const record = JSON.parse(JSON.stringify({ ...(await read(id)), ...change })) as object;
			const to = await address(id);
			await com.atproto.repo.putRecord({ ...to, record: { ...record }, validate: false });
		},
		async writes(rkey: string, record: Record<string, unknown>): Promise<string> {
			const to = { repo: did, collection: COLLECTION, rkey };
			return (await com.atproto.repo.putRecord({ ...to, record, validate: false })).data.uri;
		}
	};
}
