import type { CatalogueReport } from '#lib/catalogue/catalogue.ts';
import type { Context } from '#lib/server/context.ts';
import { checkAlbums } from './check-albums.ts';
import { pageOfCovers } from './album-queries.ts';
import { beginCheck, endCheck, sayProgress } from './check-queries.ts';
import { ObjectCheck } from './check-objects.ts';
import { checkRecords, judgeEach } from './check-records.ts';
import { pageOfFacts, type Place } from './fact-queries.ts';
import { Findings } from './finding.ts';
import { replaceProblems } from './problem-queries.ts';

/** Tracks whose objects are looked at in one go. */
const PAGE = 200;

/** What a check works with. */
interface Check {
	ctx: Context;
	did: string;
	findings: Findings;
	signal: AbortSignal;
}

/**
 * Compares all of an artist's records, rows and objects, when somebody asked for it, and writes
 * down what is wrong. It changes nothing but what another program's version of a record that says
 * the same is called. May be interrupted anywhere and begins again then.
 * @throws PdsUnavailable, PdsRefusal, StorageUnavailable: nothing is concluded from half a check
 */
export async function checkCatalogue(
	ctx: Context,
	did: string,
	signal: AbortSignal
): Promise<void> {
	const startedAt = await beginCheck(ctx.db, did);
	if (!startedAt) return;
	const findings = new Findings();
	const check: Check = { ctx, did, findings, signal };
	const seen = await checkRecords(ctx, did, findings, signal, (records) =>
		sayProgress(ctx.db, did, { records_read: records })
	);
	const objects = new ObjectCheck(ctx);
	const tracks = await checkTracks(check, seen, objects);
	const albums = await checkAlbums(ctx, { did, tracks: seen }, findings, signal);
	await checkCovers(check, objects);
	signal.throwIfAborted();
	const report: CatalogueReport = {
		startedAt: startedAt.toISOString(),
		endedAt: new Date().toISOString(),
		records: seen.size,
		tracks,
		albums,
		objects: objects.asked,
		problems: findings.problems.length,
		caughtUp: findings.caughtUp,
		leftAlone: findings.leftAlone,
		leftAloneCount: findings.leftAloneCount
	};
	await ctx.db.transaction().execute(async (trx) => {
		await replaceProblems(trx, did, findings.problems);
		await endCheck(trx, did, report);
	});
	const { leftAlone: _named, ...counts } = report;
	ctx.log.info('catalogue_checked', { did, ...counts });
}

/** Looks for the records of rows that the listing did not have, and for every object. */
async function checkTracks(
	{ ctx, did, findings, signal }: Check,
	seen: ReadonlySet<string>,
	objects: ObjectCheck
): Promise<number> {
	let tracks = 0;
	let after: Place | undefined;
	for (;;) {
		signal.throwIfAborted();
		const rows = await pageOfFacts(ctx.db, did, after, PAGE);
		const unseen = rows
			.filter(({ rkey }) => !seen.has(rkey))
			.map(({ rkey }) => ({ rkey, listed: null }));
		await judgeEach(ctx, did, unseen, findings, signal);
		await objects.check(rows, findings, signal);
		tracks += rows.length;
		await sayProgress(ctx.db, did, { tracks_read: tracks, objects_read: objects.asked });
		after = rows.at(-1);
		if (!after) return tracks;
	}
}

async function checkCovers(
	{ ctx, did, findings, signal }: Check,
	objects: ObjectCheck
): Promise<void> {
	for (let afterId: string | undefined; ;) {
		const rows = await pageOfCovers(ctx.db, did, afterId, PAGE);
		await objects.checkCovers(rows, findings, signal);
		await sayProgress(ctx.db, did, { objects_read: objects.asked });
		afterId = rows.at(-1)?.id;
		if (afterId === undefined) return;
	}
}
