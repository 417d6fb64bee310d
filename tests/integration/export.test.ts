import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { readConfig } from '#lib/server/config.ts';
import { connectDatabase } from '#lib/server/db/connect.ts';
import { parseTags } from '#lib/server/media/parse-tags.ts';
import { readZip } from '#lib/server/testing/read-zip.ts';
import { runPlyr } from '../../src/cli/run-plyr.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack } from './published-music.ts';
import { Visitor } from './visitor.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Sidecar {
	record: { uri: string };
	original: { sha256: string };
	file: { path: string; is: string };
}

describe('everything of somebody', { timeout: 180_000 }, () => {
	let site: LocalSite;
	let connection: ReturnType<typeof connectDatabase>;
	let alice: Visitor;
	let did: string;
	before(async () => {
		site = await startLocalSite();
		const address = { host: path.join(site.dataDir, 'postgres/s'), port: 5432 };
		connection = connectDatabase(
			{ ...address, user: 'plyr', database: 'postgres' },
			readConfig({}).database
		);
		alice = await becomeArtist(site.url, 'alice');
		({ did } = (await (await alice.open('/api/auth/me')).json()) as { did: string });
		const first = await publishTrack(alice, { title: 'Low/Water: ∞', album: 'the "sea"' });
		await publishTrack(alice, { title: 'low water', album: 'the "sea"', tags: '["tape"]' });
		await publishTrack(alice, { title: 'alone' });
		const headers = { origin: site.url };
		await alice.open(`/api/tracks/${first}/like`, { method: 'POST', headers });
	});
	after(async () => {
		await connection.close();
		await site.close();
	});

	const ask = (who: Visitor, fields: Record<string, string> = {}) =>
		who.submit('/settings/export/everything', fields);
	async function exported(fields: Record<string, string> = {}): Promise<Map<string, Buffer>> {
		const answer = await ask(alice, fields);
		assert.equal(answer.status, 200);
		assert.equal(answer.headers.get('content-type'), 'application/zip');
		assert.match(
			answer.headers.get('content-disposition') ?? '',
			/^attachment; filename="alice\.test \d{4}-\d\d-\d\d\.zip"/
		);
		assert.match(answer.headers.get('cache-control') ?? '', /no-store/);
		return readZip(Buffer.from(await answer.arrayBuffer()));
	}
	const json = (files: Map<string, Buffer>, name: string): unknown =>
		JSON.parse(files.get(name)?.toString() ?? `"there is no ${name}"`);

	it('is one archive: recordings, records, albums, likes, profile, and a page that lists it', async () => {
		const files = await exported({ tags: 'yes' });
		const music = [...files.keys()].filter((name) => name.endsWith('.mp3')).sort();
		assert.deepEqual(music, [
			'music/singles/alone.mp3',
			'music/the sea/01 Low Water ∞.mp3',
			'music/the sea/02 low water.mp3'
		]);
		const records = json(files, 'records/fm.plyr.dev.track.json') as { uri: string }[];
		assert.equal(records.length, 3);
		// her tracks name the album, and no record lists it
		assert.deepEqual(json(files, 'records/fm.plyr.dev.list.json'), []);
		assert.equal((json(files, 'records/fm.plyr.dev.like.json') as unknown[]).length, 1);
		const about = json(files, 'music/the sea/02 low water.json') as Sidecar;
		assert.ok(records.some(({ uri }) => uri === about.record.uri));
		const [like] = json(files, 'likes.json') as { title: string }[];
		assert.equal(like?.title, 'Low/Water: ∞');
		assert.equal((json(files, 'profile.json') as { did: string }).did, did);
		assert.equal((json(files, 'albums.json') as { tracks: string[] }[])[0]?.tracks.length, 2);
		const page = files.get('index.html')?.toString() ?? '';
		assert.match(page, /nothing is missing/);
		assert.match(page, /href="music\/the%20sea\/01%20Low%20Water%20%E2%88%9E\.mp3"/);
		assert.match(files.get('readme.txt')?.toString() ?? '', /3 tracks, 1 album, 1 like/);
		const secrets = [...files.values()].some((bytes) =>
			/secret_hash|id_hash|ciphertext/.test(bytes.toString('latin1'))
		);
		assert.ok(!secrets);
	});

	it('has titles and covers in the recordings, or every bit as it was uploaded', async () => {
		const written = await exported({ tags: 'yes' });
		const untouched = await exported();
		for (const [name, bytes] of untouched) {
			if (!name.endsWith('.mp3')) continue;
			const about = json(untouched, name.replace(/mp3$/, 'json')) as Sidecar;
			assert.equal(sha256(bytes), about.original.sha256, name);
			assert.match(about.file.is, /as it was uploaded/);
			assert.notEqual(sha256(written.get(name) ?? bytes), about.original.sha256, name);
		}
		const bytes = written.get('music/the sea/02 low water.mp3') ?? Buffer.alloc(0);
		const read = (offset: number, length: number) =>
			Promise.resolve(bytes.subarray(offset, offset + length));
		const { tags, cover } = await parseTags(read, { format: 'mp3', sizeBytes: bytes.length });
		assert.equal(tags.title, 'low water');
		assert.equal(tags.artist, 'The alice & <friends>');
		assert.equal(tags.album, 'the "sea"');
		assert.equal(tags.trackNumber, 2);
		assert.ok(cover && cover.length > 1_000);
	});

	it('says what is missing, and has all the rest', async () => {
		await connection.sql`update audio_files set storage_key = storage_key || '.lost'
			where file_id = (select original_file_id from tracks where title = 'alone')`;
		const files = await exported();
		await connection.sql`update audio_files set storage_key = replace(storage_key, '.lost', '')`;
		assert.ok(!files.has('music/singles/alone.mp3'));
		assert.ok(files.has('music/the sea/02 low water.mp3'));
		assert.match(
			files.get('index.html')?.toString() ?? '',
			/the recording of “alone” is not where/
		);
	});

	it('is for who is signed in, and not for another site', async () => {
		const stranger = new Visitor(site.url);
		assert.equal((await ask(stranger)).status, 303);
		const answer = await alice.open('/settings/export/everything', {
			method: 'POST',
			headers: { origin: 'https://evil.example' },
			body: new URLSearchParams()
		});
		assert.equal(answer.status, 403);
	});

	it('stops when nobody takes it any more', async () => {
		const [file] = await connection.sql<{ key: string; size: number }[]>`
			select storage_key as key, size_bytes as size from audio_files
			where file_id = (select original_file_id from tracks where title = 'alone')`;
		assert.ok(file);
		const stored = path.join(site.dataDir, 'storage', file.key);
		const resize = async (sizeBytes: number) => {
			await truncate(stored, sizeBytes);
			await connection.sql`
				update audio_files set size_bytes = ${sizeBytes} where storage_key = ${file.key}`;
		};
		// more than fits into what is on its way; holes take no room on the disk
		await resize(4_000_000_000);
		const stopping = new AbortController();
		const answer = await alice.open('/settings/export/everything', {
			method: 'POST',
			headers: { origin: site.url },
			body: new URLSearchParams(),
			signal: stopping.signal
		});
		const ended = site.output().split('export_ended').length;
		const reader = answer.body?.getReader();
		for (let read = 0; read < 20_000_000;) read += (await reader?.read())?.value?.length ?? 1e9;
		stopping.abort();
		for (let n = 0; n < 50 && !site.output().includes('export_broken_off'); n++) await sleep(100);
		await resize(file.size);
		const [, sizeBytes] = /"export_broken_off".*?"sizeBytes":(\d+)/.exec(site.output()) ?? [];
		assert.ok(Number(sizeBytes) < 1_000_000_000, `${sizeBytes} bytes were read`);
		assert.equal(site.output().split('export_ended').length, ended);
		assert.ok(!site.output().includes('request_failed'), 'that is no failure');
	});

	it('says of a like of what is hidden no more than where it was', async () => {
		const bob = await becomeArtist(site.url, 'bob');
		const id = await publishTrack(bob, { title: 'not to be seen' });
		await alice.open(`/api/tracks/${id}/like`, { method: 'POST', headers: { origin: site.url } });
		// the others have asked as often as somebody may in an hour
		await connection.sql`delete from rate_windows`;
		const likes = async () =>
			(json(await exported(), 'likes.json') as { title: string | null; track: string }[]).map(
				({ title, track }) => [title, /^at:/.test(track)]
			);
		const own = ['Low/Water: ∞', true];
		assert.deepEqual(await likes(), [own, ['not to be seen', true]]);
		await connection.sql`
			insert into takedowns (kind, subject, did, ground, reason, made_by)
			select 'track', record_uri, artist_did, 'rules', 'because', 'did:plc:operator'
			from tracks where id = ${id}`;
		assert.deepEqual(await likes(), [own, [null, true]]);
	});

	const operatorEnv = () => ({
		...{ DATA_DIR: site.dataDir, PORT: new URL(site.url).port },
		...{ PATH: process.env['PATH'], ATPROTO_APP_NAMESPACE: 'fm.plyr.dev' },
		// nobody listens there
		...{ ATPROTO_PLC_URL: 'http://127.0.0.1:9', DEV_ALLOW_INSECURE_NETWORK: 'true' }
	});

	it('goes to whoever asks from outside of a container, and to no terminal', async () => {
		const lines: string[] = [];
		const output = Object.assign(new PassThrough(), { isTTY: false });
		const terminal = { env: operatorEnv(), say: (line: string) => lines.push(line), output };
		const taken = buffer(output);
		const code = await runPlyr(['export', 'alice.test', '-', '--untouched'], terminal);
		output.end();
		assert.equal(code, 0, lines.join('\n'));
		assert.deepEqual(lines, []);
		const files = readZip(await taken);
		assert.equal([...files.keys()].filter((name) => name.endsWith('.mp3')).length, 3);
		output.isTTY = true;
		assert.equal(await runPlyr(['export', 'alice.test', '-'], terminal), 2);
		assert.match(lines.join('\n'), /^a zip is nothing to be read/);
	});

	it('is written into a file by whoever runs the site, also when the repository does not answer', async () => {
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-export-'));
		const file = path.join(dir, 'alice.zip');
		const lines: string[] = [];
		const code = await runPlyr(['export', 'alice.test', file, '--untouched'], {
			env: operatorEnv(),
			say: (line) => lines.push(line)
		});
		assert.equal(code, 0, lines.join('\n'));
		assert.deepEqual(await readdir(dir), ['alice.zip']);
		const files = readZip(await readFile(file));
		await rm(dir, { recursive: true });
		assert.deepEqual(json(files, 'records/fm.plyr.dev.track.json'), []);
		const { note, records } = json(files, 'records/fm.plyr.dev.track-as-indexed.json') as {
			note: string;
			records: { uri: string }[];
		};
		assert.equal(records.length, 3);
		assert.match(note, /your personal data server did not give all records/);
		assert.match(files.get('readme.txt')?.toString() ?? '', /what is missing:\r\n- your personal/);
	});
});
