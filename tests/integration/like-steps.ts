import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '#lib/server/context.ts';
import type { ListedRecord, PublishingSite } from './publishing-site.ts';

/** Everybody can read these at the PDS, without signing in. */
export async function listLikeRecords(
	{ network }: { network: Pick<PublishingSite['network'], 'pdsUrl'> },
	did: string
): Promise<ListedRecord[]> {
	const url = new URL('/xrpc/com.atproto.repo.listRecords', network.pdsUrl);
	const query = { repo: did, collection: 'fm.plyr.dev.like', limit: '100' };
	url.search = new URLSearchParams(query).toString();
	const response = await fetch(url);
	const { records } = (await response.json()) as { records: ListedRecord[] };
	return records;
}

/** What the index says of somebody's like of a track, and what is left to be settled. */
export async function likeFacts({ sql }: Pick<Context, 'sql'>, did: string, trackId: number) {
	const [row] = await sql<
		{ uri: string | null; cid: string | null; count: number; writes: number }[]
	>`
		select likes.record_uri as uri, likes.record_cid as cid, like_count as count,
			(select count(*)::int from like_writes where did = ${did}) as writes
		from tracks left join likes on likes.track_id = tracks.id and likes.did = ${did}
		where tracks.id = ${trackId}`;
	if (!row) throw new Error('there is no such track');
	return { ...row };
}

/** Makes what somebody has begun to write so old that a job may settle it. */
export async function makeDue({ sql }: Pick<Context, 'sql'>, did: string): Promise<void> {
	await sql`
		update like_writes set started_at = started_at - interval '2 minutes' where did = ${did}`;
}

/** Makes every commit fail that did something to a table. @returns how to heal it */
export async function failCommits(
	{ sql }: Pick<Context, 'sql'>,
	event: string
): Promise<() => Promise<void>> {
	const table = event.split(' ').at(-1) ?? '';
	await sql
		.unsafe(
			`create or replace function fail_commit() returns trigger language plpgsql as $$
			begin raise exception 'this commit fails'; end $$;
			create constraint trigger fail_commit after ${event}
				deferrable initially deferred for each row execute function fail_commit()`
		)
		.simple();
	return async () => {
		await sql.unsafe(`drop trigger fail_commit on ${table}`).simple();
	};
}

const WAIT_MS = 30_000;

/** Waits until something is so. */
export async function waitUntil(what: string, look: () => Promise<boolean>): Promise<void> {
	const end = Date.now() + WAIT_MS;
	while (!(await look())) {
		if (Date.now() > end) throw new Error(`it is not so: ${what}`);
		await sleep(100);
	}
}
