import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { listRecords } from '#lib/server/atproto/read-repo.ts';
import type { Context } from '#lib/server/context.ts';
import { eachAtOnce } from './at-once.ts';
import { pageOfAlbums } from './album-queries.ts';
import type { Findings } from './finding.ts';
import { judgeAlbum, type Repository, tryDecodeList } from './judge-album.ts';

const JUDGED_AT_ONCE = 4;
const PAGE = 200;

/**
 * Compares every album record of an artist's with its row. There are few of them: each is looked at
 * by itself.
 * @returns how many list records there are
 * @throws PdsUnavailable, PdsRefusal
 */
export async function checkAlbums(
	ctx: Context,
	repository: Repository,
	findings: Findings,
	signal: AbortSignal
): Promise<number> {
	const { did } = repository;
	const site = recordSite(ctx.config);
	const seen = new Set<string>();
	let albums = 0;
	const judge = (rkeys: readonly string[]) =>
		eachAtOnce(rkeys, JUDGED_AT_ONCE, async (rkey) => {
			signal.throwIfAborted();
			const verdict = await judgeAlbum(ctx, repository, rkey, signal);
			findings.add(...verdict.findings);
			if (verdict.leftAlone) findings.leaveAlone(verdict.leftAlone);
		});
	for await (const page of listRecords(ctx, { did, collection: site.listCollection }, signal)) {
		for (const { rkey } of page) seen.add(rkey);
		// playlists and lists of likes are no albums
		const ours = page.filter(({ record }) => tryDecodeList(site, record)?.isAlbum !== false);
		albums += ours.length;
		await judge(ours.map(({ rkey }) => rkey));
	}
	for (let afterId: string | undefined; ;) {
		const rows = await pageOfAlbums(ctx.db, did, afterId, PAGE);
		await judge(rows.flatMap(({ rkey }) => (rkey === null || seen.has(rkey) ? [] : [rkey])));
		afterId = rows.at(-1)?.id;
		if (afterId === undefined) return albums;
	}
}
