import { createHash } from 'node:crypto';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import { PEOPLE, SWEEPS } from '#lib/server/jobs/queues.ts';
import { plyr } from '../../integration/backup-steps.ts';
import type { Violation } from '../check-world.ts';
import { checkWorld } from '../check-world.ts';
import { listRecords, readWorld, type World } from '../world.ts';
import type { Client } from './client.ts';
import type { Liker } from './liking.ts';
import type { Publisher } from './publishing.ts';
import type { MixedSite } from './site.ts';
import type { Tab } from './tab.ts';

/** Who was told what. */
export interface Told {
	publishers: readonly Publisher[];
	likers: readonly Liker[];
	/** of one person */
	tabs: readonly Tab[];
	/** fetches what everybody can fetch */
	anybody: Client;
}

type Report = (kind: string, about: string) => void;

/** Compares everything people were told with what there is, when nothing is under way any more. */
export async function checkMixed(site: MixedSite, ctx: Context, told: Told): Promise<Violation[]> {
	const violations: Violation[] = [];
	const report: Report = (kind, about) => violations.push({ kind, about });
	const records = recordSite(ctx.config);
	const dids = told.publishers.map(({ did }) => did);
	const world = await readWorld({ ctx, pdsUrl: site.pdsUrl, dids, site: records });
	violations.push(...checkWorld(world, records));
	for (const publisher of told.publishers) {
		await checkUploads(world, publisher, told.anybody, report);
	}
	for (const liker of told.likers) {
		await checkLikes(site, ctx, liker, records.likeCollection, report);
	}
	checkTabs(told.tabs, report);
	await checkJobs(ctx, report);
	const { code, said } = await plyr(site.env, ['audit', '--deep']);
	if (code !== 0) report('audit', said);
	return violations;
}

/** Each file is a track with the title it was given, and sounds as what was sent. */
async function checkUploads(
	{ tracks, audioFiles, albums }: World,
	{ did, uploads, albumWords }: Publisher,
	anybody: Client,
	report: Report
): Promise<void> {
	for (const { id, trackId, title, sound, said } of uploads) {
		const track = tracks.find((one) => one.id === trackId);
		const about = `upload ${id} of ${sound.fileName}, track ${trackId}`;
		if (!track) {
			report('upload_lost', `${about}: ${said}`);
			continue;
		}
		if (!title.has(track.title)) report('edit_lost', `${about}: ${track.title}`);
		const original = audioFiles.find((file) => file.file_id === track.original_file_id);
		if (original?.sha256 !== sound.sha256) report('other_file', about);
		const streamed = audioFiles.find((file) => file.file_id === track.file_id);
		const heard = await fetchWhole(anybody, `/audio/${track.file_id}`);
		if (sha256Of(heard) !== streamed?.sha256) report('other_sound', about);
	}
	const own = albums.filter(({ artist_did: artist }) => artist === did);
	for (const { id, description } of own) {
		if (!albumWords.has(description)) report('album_edit_lost', `album ${id}: ${description}`);
	}
}

async function fetchWhole(client: Client, path: string): Promise<Buffer> {
	const answer = await client.send({ path });
	const location = answer.headers.get('location');
	return location === null ? answer.bytes : (await client.send({ path: location })).bytes;
}

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** The repository, the index and what the person was told are the same. */
async function checkLikes(
	{ pdsUrl }: MixedSite,
	{ sql }: Context,
	{ did, likes }: Liker,
	collection: string,
	report: Report
): Promise<void> {
	const records = await listRecords(pdsUrl, did, collection);
	const subjects = records.map(({ value }) => (value['subject'] as { uri: string }).uri);
	const rows = await sql<{ track: number; uri: string; is_liked: boolean; count: number }[]>`
		select id as track, record_uri as uri, like_count as count,
			exists (select 1 from likes where track_id = tracks.id and did = ${did}) as is_liked
		from tracks`;
	for (const { track, uri, is_liked: isIndexed } of rows) {
		const times = subjects.filter((subject) => subject === uri).length;
		const about = `track ${track}, ${did}: ${times} records, in the index: ${isIndexed}`;
		if (times > 1) report('two_records_of_a_like', about);
		if (times > 0 !== isIndexed) report('like_differs', about);
		const told = likes.get(track);
		if (!(told?.has(isIndexed) ?? !isIndexed)) report('like_lost', about);
	}
	const uris = new Set(rows.map(({ uri }) => uri));
	for (const subject of subjects) if (!uris.has(subject)) report('like_of_nothing', subject);
}

/** Every tab has the same queue, and has heard of every change that was taken. */
function checkTabs(tabs: readonly Tab[], report: Report): void {
	const [first] = tabs;
	for (const [index, tab] of tabs.entries()) {
		for (const refusal of tab.refusals) report('queue_refused', `tab ${index}: ${refusal}`);
		if (tab.sync.isUnsent) report('queue_unsent', `tab ${index}`);
		for (const other of tabs) {
			for (const push of other === tab ? [] : other.accepted.keys()) {
				if (!tab.heard.has(push)) report('queue_news_lost', `${push}, at tab ${index}`);
			}
		}
		if (tab.sync.revision === first?.sync.revision) continue;
		report('queue_differs', `tab ${index} at ${tab.sync.revision}, not ${first?.sync.revision}`);
	}
}

/** Sweeps that were killed, and what they ask for, come again ten minutes later. */
async function checkJobs({ sql }: Context, report: Report): Promise<void> {
	const jobs = await sql<{ queue: string; state: string; times: number }[]>`
		select name as queue, state::text, count(*)::int as times from pgboss.job
		where state in ('active', 'retry') or (state = 'failed' and name not in (${SWEEPS}, ${PEOPLE}))
			or (state = 'created' and start_after <= now())
		group by 1, 2`;
	for (const { queue, state, times } of jobs) report('job_left', `${queue}: ${times} ${state}`);
	const writes = await sql<{ did: string; subject_uri: string }[]>`select * from like_writes`;
	for (const { did, subject_uri: uri } of writes) report('like_unsettled', `${did}: ${uri}`);
}
