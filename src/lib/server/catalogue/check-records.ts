import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { type ListedRecord, listRecords } from '#lib/server/atproto/read-repo.ts';
import type { RepoRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import { eachAtOnce } from './at-once.ts';
import { findFactsByUri, findKnownImages } from './fact-queries.ts';
import type { Findings } from './finding.ts';
import { isInStep, judgeAsRead, judgeRecord, tryDecode } from './judge-record.ts';
import { takeRecord } from './take-record.ts';

/** Records that are looked at once more at the same time. */
const JUDGED_AT_ONCE = 4;
/** So many are read once more; where more is wrong, the listing is believed: servers count requests. */
const MAX_REREAD = 500;

/**
 * Compares every track record of an artist's with its row. What seems to be wrong is read once more
 * before it is believed.
 * @param onPage told how many records were read so far
 * @returns keys of the records that are there
 * @throws PdsUnavailable, PdsRefusal
 */
export async function checkRecords(
	ctx: Context,
	did: string,
	findings: Findings,
	signal: AbortSignal,
	onPage: (records: number) => Promise<void>
): Promise<Set<string>> {
	const collection = recordSite(ctx.config).trackCollection;
	const seen = new Set<string>();
	for await (const page of listRecords(ctx, { did, collection }, signal)) {
		for (const { rkey } of page) seen.add(rkey);
		await judgeEach(ctx, did, await outOfStep(ctx, page), findings, signal);
		await onPage(seen.size);
	}
	return seen;
}

/** A record that seems to be wrong, as it was listed. */
export interface Suspect {
	rkey: string;
	/** null: it was not listed */
	listed: RepoRecord | null;
}

/** Looks at records, or at the places where they ought to be, one by one. */
export async function judgeEach(
	ctx: Context,
	did: string,
	suspects: readonly Suspect[],
	findings: Findings,
	signal: AbortSignal
): Promise<void> {
	await eachAtOnce(suspects, JUDGED_AT_ONCE, async ({ rkey, listed }) => {
		signal.throwIfAborted();
		const verdict =
			findings.reread++ < MAX_REREAD
				? await judgeRecord(ctx, did, rkey, signal)
				: await judgeAsRead(ctx, did, rkey, listed);
		if (verdict.is === 'problem') findings.add(verdict.finding);
		if (verdict.is === 'left_alone') findings.leaveAlone(verdict.record);
		if (verdict.is === 'newer') {
			await takeRecord(ctx, { did, rkey, ...verdict.current }, 'another program wrote it');
			findings.caughtUp++;
		}
	});
}

/** @returns the records of a page that are not what the index says */
async function outOfStep(ctx: Context, page: readonly ListedRecord[]): Promise<Suspect[]> {
	const site = recordSite(ctx.config);
	const decoded = page.map((one) => ({ one, decoded: tryDecode(site, one.record) }));
	const imageIds = decoded.flatMap(({ decoded: it }) =>
		'record' in it && it.record.imageId !== null ? [it.record.imageId] : []
	);
	const images = await findKnownImages(ctx.db, imageIds);
	const rows = await findFactsByUri(
		ctx.db,
		page.map(({ uri }) => uri)
	);
	return decoded
		.filter(({ one, decoded: it }) => !isInStep(rows.get(one.uri), one, it, images))
		.map(({ one }) => ({ rkey: one.rkey, listed: one }));
}
