import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type AudioFormat, FORMATS } from '#lib/server/media/formats.ts';
import { storeImage } from '#lib/server/media/images.ts';
import { ffmpegBytes, makeSample } from '#lib/server/testing/audio-samples.ts';
import { getStreamedFile, getTrack, listNewestTracks } from '#lib/server/tracks/tracks.ts';
import {
	hashOf,
	listObjects,
	listTrackRecords,
	objectBytes,
	type PublishingSite,
	startPublishingSite,
	waitForEmptyStaging,
	waitForUpload
} from './publishing-site.ts';

describe('every accepted kind of file becomes a track', () => {
	let site: PublishingSite;
	let alice: string;
	let bob: string;
	before(async () => {
		site = await startPublishingSite();
		alice = await site.signIn('alice');
		bob = await site.signIn('bob');
	});
	after(() => site.close());

	const publish = async (did: string, bytes: Buffer, fileName: string, fields = {}) => {
		const upload = await waitForUpload(site.ctx, await site.send(did, { bytes, fileName, fields }));
		assert.equal(upload.status, 'completed', upload.error ?? upload.message);
		return upload;
	};

	for (const [at, format] of (Object.keys(FORMATS) as AudioFormat[]).entries()) {
		it(`${format}: record, object, row and track say the same`, async () => {
			const bytes = await makeSample(format, { seconds: 3, hertz: 300 + at });
			// the name lies: only the content counts
			const upload = await publish(alice, bytes, `song-${format}.exe`, { title: `a ${format}` });
			const original = hashOf(bytes);
			const originalId = original.sha256.slice(0, 16);

			const track = await getTrack(site.ctx, null, upload.track_id ?? 0);
			const file = await getStreamedFile(site.ctx, track.fileId);
			const stored = await objectBytes(site.ctx, file.storage_key);
			assert.equal(hashOf(stored).sha256, file.sha256);
			assert.equal(file.size_bytes, stored.length);
			assert.equal(track.fileId, file.sha256.slice(0, 16));
			const streamed = FORMATS[format].streamable ? format : 'mp3';
			assert.equal(track.fileType, FORMATS[streamed].extension);
			assert.equal(file.content_type, FORMATS[streamed].contentType);
			assert.equal(file.storage_key, `audio/${track.fileId}.${FORMATS[streamed].extension}`);
			assert.equal(track.fileId === originalId, FORMATS[format].streamable);

			const kept = await site.ctx.db
				.selectFrom('audio_files')
				.selectAll()
				.where('file_id', '=', originalId)
				.executeTakeFirstOrThrow();
			assert.deepEqual(await objectBytes(site.ctx, kept.storage_key), bytes);
			assert.equal(kept.sha256, original.sha256);
			assert.equal(kept.channels, 2);
			// opus always runs at 48 kHz
			assert.equal(kept.sample_rate_hz, format === 'opus' ? 48_000 : 44_100);
			assert.equal(kept.peaks?.length, 1800);
			assert.ok(kept.loudness_lufs !== null && kept.loudness_lufs < 0);
			assert.ok(Math.abs((track.durationMs ?? 0) - 3000) < 120, `${track.durationMs} ms`);

			const records = await listTrackRecords(site.network.pdsUrl, alice);
			const record = records.find(({ uri }) => uri === track.recordUri);
			assert.deepEqual(record?.value, {
				$type: 'fm.plyr.dev.track',
				title: `a ${format}`,
				artist: 'alice the artist',
				audioUrl: `http://127.0.0.1:3999/audio/${track.fileId}`,
				fileType: track.fileType,
				duration: 3,
				createdAt: upload.created_at.toISOString()
			});
			assert.equal(track.recordUri, `at://${alice}/fm.plyr.dev.track/${upload.rkey}`);
			assert.equal(track.createdAt, upload.created_at.toISOString());
		});
	}

	it('with everything the artist said about it', async () => {
		const cover = await ffmpegBytes(
			['-f', 'lavfi', '-i', 'testsrc=size=640x480:rate=1:duration=1', '-frames:v', '1'],
			'png'
		);
		const { imageId } = await storeImage(site.ctx, cover);
		const bytes = await makeSample('flac', { seconds: 2, hertz: 500 });
		const upload = await publish(alice, bytes, 'x.flac', {
			title: 'all of it',
			album: 'Übermut',
			description: 'a few words\nand more',
			features: ['bob.test', 'alice.test', 'nobody.test'],
			imageId
		});
		assert.match(
			upload.message,
			/without naming @nobody\.test, who could not be found\. edit the track to add them/
		);
		const track = await getTrack(site.ctx, null, upload.track_id ?? 0);
		assert.ok(track.album?.loudness, 'as loud as its tracks');
		assert.deepEqual(
			{ ...track.album, id: '', loudness: null },
			{
				loudness: null,
				id: '',
				slug: 'ubermut',
				title: 'Übermut'
			}
		);
		assert.equal(track.imageUrl, `/images/${imageId}?size=1200`);
		const records = await listTrackRecords(site.network.pdsUrl, alice);
		const record = records.find(({ uri }) => uri === track.recordUri);
		assert.deepEqual(record?.value, {
			$type: 'fm.plyr.dev.track',
			title: 'all of it',
			artist: 'alice the artist',
			album: 'Übermut',
			description: 'a few words\nand more',
			features: [{ did: bob, handle: 'bob.test', displayName: 'bob the artist' }],
			audioUrl: `http://127.0.0.1:3999/audio/${track.fileId}`,
			imageUrl: `http://127.0.0.1:3999/images/${imageId}`,
			fileType: 'flac',
			duration: 2,
			createdAt: upload.created_at.toISOString()
		});
	});

	it('titled by its tags, or by its name, when the artist said nothing', async () => {
		const tagged = await makeSample('mp3', { hertz: 501, tags: { title: 'from the tags' } });
		const first = await publish(alice, tagged, 'file.mp3');
		assert.equal((await getTrack(site.ctx, null, first.track_id ?? 0)).title, 'from the tags');
		const bare = await makeSample('mp3', { hertz: 502 });
		const second = await publish(alice, bare, 'my_summer song.mp3');
		assert.equal((await getTrack(site.ctx, null, second.track_id ?? 0)).title, 'my summer song');
	});

	it('of digital silence too', async () => {
		const bytes = await ffmpegBytes(
			['-f', 'lavfi', '-i', 'anullsrc=r=44100:cl=stereo', '-t', '2'],
			'wav'
		);
		await publish(alice, bytes, 'silence.wav');
	});

	it('of another artist with the same bytes, who share one object', async () => {
		const bytes = await makeSample('ogg', { hertz: 503 });
		const first = await publish(alice, bytes, 'ours.ogg');
		const objects = await listObjects(site.ctx);
		const second = await publish(bob, bytes, 'mine.ogg');
		assert.deepEqual(await listObjects(site.ctx), objects);
		const tracks = [first, second].map((upload) => upload.track_id ?? 0);
		const [one, two] = await Promise.all(tracks.map((id) => getTrack(site.ctx, null, id)));
		assert.equal(one?.fileId, two?.fileId);
		assert.notEqual(one?.recordUri, two?.recordUri);
	});

	it('and leaves nothing in staging', async () => {
		await waitForEmptyStaging(site.ctx);
	});

	it('and is listed, the newest first', async () => {
		const { tracks } = await listNewestTracks(site.ctx, null, { limit: 3 });
		assert.deepEqual(
			tracks.map((track) => track.artist.handle),
			['bob.test', 'alice.test', 'alice.test']
		);
	});
});
