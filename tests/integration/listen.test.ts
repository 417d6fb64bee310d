import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { Visitor } from './visitor.ts';

interface TracksAnswer {
	tracks: TrackResponse[];
	next_cursor: string | null;
}

describe('a published track over http', () => {
	let site: LocalSite;
	let alice: Visitor;
	let bytes: Buffer;
	let track: TrackResponse;

	const json = async <T>(path: string): Promise<T> => {
		const response = await fetch(new URL(path, site.url));
		assert.equal(response.status, 200, path);
		return (await response.json()) as T;
	};

	before(async () => {
		site = await startLocalSite();
		alice = new Visitor(site.url);
		await alice.signIn('alice');
		const origin = { origin: site.url };
		const profile = await alice.open('/api/artists/', {
			method: 'POST',
			headers: { ...origin, 'content-type': 'application/json' },
			body: JSON.stringify({ display_name: 'Alice' })
		});
		assert.equal(profile.status, 200);
		bytes = await makeSample('flac', { seconds: 5 });
		const form = new FormData();
		form.set('title', 'a tone');
		form.set('album', 'Tones');
		form.set('file', new Blob([Uint8Array.from(bytes)]), 'tone.flac');
		const sent = await alice.open('/api/tracks/', { method: 'POST', headers: origin, body: form });
		const { upload_id: id } = (await sent.json()) as { upload_id: string };
		const trackId = await finished(id);
		track = await json<TrackResponse>(`/api/tracks/${trackId}`);
	});
	after(() => site.close());

	async function finished(uploadId: string): Promise<number> {
		for (let i = 0; i < 200; i++) {
			const answer = await alice.open(`/api/tracks/uploads/${uploadId}`);
			const state = (await answer.json()) as UploadState;
			assert.notEqual(state.status, 'failed', state.error ?? '');
			if (state.track_id !== null) return state.track_id;
			await sleep(100);
		}
		throw new Error('the upload is not finished');
	}

	it('is listed, with and without a slash at the end, to everybody and to its artist', async () => {
		for (const path of [
			'/api/tracks/',
			'/api/tracks',
			`/api/tracks/?artist_did=${track.artist_did}`
		]) {
			assert.deepEqual(await json<TracksAnswer>(path), { tracks: [track], next_cursor: null });
		}
		const own = await alice.open('/api/tracks/me');
		assert.deepEqual(await own.json(), { tracks: [track], next_cursor: null });
		assert.equal((await fetch(new URL('/api/tracks/me', site.url))).status, 401);
		assert.deepEqual(await json<TracksAnswer>('/api/tracks/?artist_did=did:plc:nobody'), {
			tracks: [],
			next_cursor: null
		});
	});

	it('says everything about itself', () => {
		assert.equal(track.title, 'a tone');
		assert.equal(track.artist, 'Alice');
		assert.equal(track.artist_handle, 'alice.test');
		assert.equal(track.duration_ms, 5_000);
		assert.equal(track.file_type, 'flac');
		assert.equal(track.album?.slug, 'tones');
		assert.equal(track.r2_url, `${site.url}/audio/${track.file_id}`);
	});

	it('has its record where it says', async () => {
		const response = await fetch(track.atproto_record_url ?? '');
		const record = (await response.json()) as {
			uri: string;
			cid: string;
			value: { title: string };
		};
		assert.equal(record.uri, track.atproto_record_uri);
		assert.equal(record.cid, track.atproto_record_cid);
		assert.equal(record.value.title, 'a tone');
	});

	it('is heard whole, in parts, and not again when it is known', async () => {
		const whole = await fetch(track.r2_url);
		assert.equal(whole.headers.get('content-type'), 'audio/flac');
		assert.match(whole.headers.get('cache-control') ?? '', /immutable/);
		assert.deepEqual(Buffer.from(await whole.arrayBuffer()), bytes);

		const part = await fetch(track.r2_url, { headers: { range: 'bytes=100-199' } });
		assert.equal(part.status, 206);
		assert.equal(part.headers.get('content-range'), `bytes 100-199/${bytes.length}`);
		assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(100, 200));

		const etag = whole.headers.get('etag') ?? '';
		const known = await fetch(track.r2_url, { headers: { 'if-none-match': etag } });
		assert.equal(known.status, 304);

		const head = await fetch(track.r2_url, { method: 'HEAD' });
		assert.equal(head.headers.get('content-length'), String(bytes.length));
		assert.equal(head.headers.get('accept-ranges'), 'bytes');

		const same = await fetch(new URL(`/api/audio/${track.file_id}`, site.url));
		assert.deepEqual(Buffer.from(await same.arrayBuffer()), bytes);
	});

	it('and what is not there is said in the form of the api', async () => {
		const cases: [string, number, unknown][] = [
			['/audio/0123456789abcdef', 404, 'audio file not found'],
			['/audio/nonsense', 404, 'audio file not found'],
			['/images/0123456789abcdef', 404, 'image not found'],
			['/api/tracks/999999', 404, 'track not found'],
			['/api/tracks/abc', 422, { field: 'id', message: 'the id of a track is a number' }]
		];
		for (const [path, status, detail] of cases) {
			const response = await fetch(new URL(path, site.url));
			assert.equal(response.status, status, path);
			const body = (await response.json()) as { detail: unknown; request_id: string };
			assert.deepEqual(body.detail, detail);
			assert.match(body.request_id, /^[0-9a-f-]{36}$/);
		}
	});

	it('and a client learns what it may send', async () => {
		assert.deepEqual(await json('/api/config'), {
			max_upload_size_mb: 1536,
			max_image_size_mb: 20
		});
	});
});
