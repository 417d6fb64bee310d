import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { listProblems } from '#lib/server/catalogue/catalogue.ts';
import { check, COLLECTION } from './catalogue-steps.ts';
import { type PublishingSite, startPublishingSite } from './publishing-site.ts';

const TRACKS = 1_000;
/** com.atproto.repo.applyWrites takes so many. */
const BATCH = 200;
/** What the growth of one process may be, whatever the size of a catalogue. */
const MAX_GROWTH_BYTES = 100 * 1024 * 1024;

const shaOf = (n: number) => createHash('sha256').update(`track ${n}`).digest('hex');
const createdAt = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 60_000);
const rkeyOf = (n: number) =>
	`3k${String(n)
		.padStart(11, '2')
		.replace(/[0189]/g, 'a')}${n}`;

describe('a catalogue of a thousand tracks', () => {
	let site: PublishingSite;
	let alice: Viewer;

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		const cids = await writeRecords();
		await seedRows(cids);
		for (let n = 0; n < TRACKS; n++) {
			const key = `audio/${shaOf(n).slice(0, 16)}.mp3`;
			await site.ctx.storage.put(key, new Uint8Array(3), { contentType: 'audio/mpeg' });
		}
	});
	after(() => site.close());

	const recordOf = (n: number) => ({
		$type: COLLECTION,
		title: `track ${n}`,
		artist: 'alice',
		audioUrl: `http://127.0.0.1:3999/audio/${shaOf(n).slice(0, 16)}`,
		fileType: 'mp3',
		createdAt: createdAt(n).toISOString()
	});

	async function writeRecords(): Promise<string[]> {
		const { com } = await site.ctx.oauth.agentFor(alice.did);
		const cids: string[] = [];
		for (let from = 0; from < TRACKS; from += BATCH) {
			const writes = Array.from({ length: BATCH }, (_, i) => ({
				$type: 'com.atproto.repo.applyWrites#create' as const,
				collection: COLLECTION,
				rkey: rkeyOf(from + i),
				value: recordOf(from + i)
			}));
			const { data } = await com.atproto.repo.applyWrites({
				repo: alice.did,
				writes,
				validate: false
			});
			for (const result of data.results ?? []) cids.push('cid' in result ? result.cid : '');
		}
		return cids;
	}

	async function seedRows(cids: string[]): Promise<void> {
		const rows = cids.map((cid, n) => ({
			n,
			cid,
			rkey: rkeyOf(n),
			sha: shaOf(n),
			created: createdAt(n).toISOString()
		}));
		await site.ctx.sql`
			with seeded as (
				select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
					as one (n int, cid text, rkey text, sha text, created timestamptz)
			), files as (
				insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
				select left(sha, 16), sha, 'audio/' || left(sha, 16) || '.mp3', 'mp3', 'audio/mpeg', 3
				from seeded
			)
			insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id,
				original_file_id, created_at)
			select ${alice.did}, rkey, 'at://' || ${alice.did} || '/' || ${COLLECTION} || '/' || rkey, cid,
				'track ' || n, left(sha, 16), left(sha, 16), created
			from seeded`;
		await site.ctx.sql`analyze`;
	}

	const transactions = async () => {
		const [row] = await site.ctx.sql<{ count: number }[]>`
			select xact_commit as count from pg_stat_database where datname = current_database()`;
		return Number(row?.count);
	};

	it('is checked in pages: neither memory nor questions grow with every track', async () => {
		const before = { transactions: await transactions(), rss: process.memoryUsage().rss };
		let peak = 0;
		const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
		const report = await check(site.ctx, alice);
		clearInterval(timer);
		assert.deepEqual(
			[report.records, report.tracks, report.objects, report.problems],
			[TRACKS, TRACKS, TRACKS, 0]
		);
		assert.ok(peak - before.rss < MAX_GROWTH_BYTES, `grew by ${peak - before.rss} bytes`);
		// some four per page of a hundred, and what waits for the check, here and elsewhere
		const asked = (await transactions()) - before.transactions;
		assert.ok(asked < TRACKS / 2, `${asked} transactions`);
	});

	it('finds all of it broken in one check, counts it, and lists the first', async () => {
		for (let n = 0; n < TRACKS; n++) {
			await site.ctx.storage.delete(`audio/${shaOf(n).slice(0, 16)}.mp3`);
		}
		await site.ctx.sql`update tracks set title = 'other ' || id`;
		const report = await check(site.ctx, alice);
		assert.equal(report.problems, 2 * TRACKS);
		const { subjects, count, mustConfirm } = await listProblems(site.ctx, alice);
		assert.deepEqual([count, subjects.length, mustConfirm], [TRACKS, 200, true]);
		assert.ok(subjects.every(({ problems }) => problems.length === 2));
	});
});
