import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { UploadFields } from '#lib/server/db/schema.ts';
import { storeImage } from '#lib/server/media/images.ts';
import { ffmpegBytes, makeSample } from '#lib/server/testing/audio-samples.ts';
import { id3Frame, id3Tag } from '#lib/server/testing/tag-bytes.ts';
import { getTrack } from '#lib/server/tracks/tracks.ts';
import {
	anyPitch,
	hashOf,
	listTrackRecords,
	type PublishingSite,
	startPublishingSite,
	waitForUpload
} from './publishing-site.ts';

const TAGS = {
	title: 'From the Tags',
	artist: 'Somebody',
	album: 'An Album',
	track: '3/12',
	genre: 'Dub Techno; Ambient',
	date: '2019-05-01'
};

describe('a file that describes itself', () => {
	let site: PublishingSite;
	let alice: string;
	let dir: string;
	let cover: Buffer;
	let song: Buffer;
	before(async () => {
		site = await startPublishingSite();
		alice = await site.signIn('alice');
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-cover-'));
		cover = await picture('testsrc');
		song = await withCover(await makeSample('mp3', { hertz: anyPitch(), tags: TAGS }));
	});
	after(async () => {
		await site.close();
		await rm(dir, { recursive: true, force: true });
	});

	const picture = (source: string) =>
		ffmpegBytes(
			['-f', 'lavfi', '-i', `${source}=size=640x640:rate=1:duration=1`, '-frames:v', '1'],
			'png'
		);

	async function withCover(audio: Buffer): Promise<Buffer> {
		const [file, image] = [path.join(dir, 'song.mp3'), path.join(dir, 'cover.png')];
		await writeFile(file, audio);
		await writeFile(image, cover);
		const inputs = ['-i', file, '-i', image, '-map', '0:a', '-map', '1:v'];
		return await ffmpegBytes([...inputs, '-c', 'copy', '-disposition:v', 'attached_pic'], 'mp3');
	}

	async function publish(bytes: Buffer, fileName: string, fields: UploadFields = {}) {
		const upload = await waitForUpload(
			site.ctx,
			await site.send(alice, { bytes, fileName, fields })
		);
		assert.equal(upload.status, 'completed', upload.error ?? upload.message);
		const track = await getTrack(site.ctx, null, upload.track_id ?? 0);
		const records = await listTrackRecords(site.network.pdsUrl, alice);
		const record = records.find(({ uri }) => uri === track.recordUri)?.value ?? {};
		const tags = await site.ctx.db
			.selectFrom('track_tags')
			.select('tag')
			.where('track_id', '=', track.id)
			.orderBy('tag')
			.execute();
		return { upload, track, record, tags: tags.map(({ tag }) => tag) };
	}

	it('is published with its own title, genres and cover, and without an album nobody asked for', async () => {
		const { upload, track, record, tags } = await publish(song, '03 - whatever.mp3');
		const imageId = hashOf(cover).sha256.slice(0, 16);
		assert.deepEqual(record, {
			$type: 'fm.plyr.dev.track',
			title: 'From the Tags',
			artist: 'alice the artist',
			audioUrl: `http://127.0.0.1:3999/audio/${track.fileId}`,
			imageUrl: `http://127.0.0.1:3999/images/${imageId}`,
			tags: ['dub techno', 'ambient'],
			fileType: 'mp3',
			duration: 3,
			createdAt: upload.created_at.toISOString()
		});
		assert.equal(track.title, 'From the Tags');
		assert.equal(track.imageUrl, `/images/${imageId}?size=1200`);
		assert.equal(track.album, null);
		assert.deepEqual(tags, ['ambient', 'dub techno']);
		const said = {
			title: 'From the Tags',
			artist: 'Somebody',
			artists: ['Somebody'],
			album: 'An Album',
			trackNumber: 3,
			year: 2019,
			genres: ['dub techno', 'ambient']
		};
		assert.deepEqual(upload.findings.tags, said);
		assert.equal(upload.findings.coverImageId, imageId);
		const file = await site.ctx.db
			.selectFrom('audio_files')
			.select('tags')
			.where('file_id', '=', track.fileId)
			.executeTakeFirstOrThrow();
		assert.deepEqual(file.tags, said);
	});

	it('gives way to what its artist says', async () => {
		const own = await storeImage(site.ctx, await picture('smptebars'));
		const bytes = await withCover(await makeSample('mp3', { hertz: anyPitch(), tags: TAGS }));
		const { track, record, tags } = await publish(bytes, 'x.mp3', {
			title: 'My Title',
			album: 'My Album',
			tags: ['field recording'],
			imageId: own.imageId
		});
		assert.equal(record['title'], 'My Title');
		assert.equal(track.album?.title, 'My Album');
		assert.deepEqual(tags, ['field recording']);
		assert.equal(track.imageUrl, `/images/${own.imageId}?size=1200`);
	});

	it('has its name to go by when it says nothing', async () => {
		const bytes = await makeSample('flac', { hertz: anyPitch() });
		const { track, record } = await publish(bytes, '03 - slow_tide.flac');
		assert.equal(track.title, 'slow tide');
		assert.equal(record['tags'], undefined);
		assert.equal(record['imageUrl'], undefined);
	});

	it('is published all the same when its picture is none', async () => {
		const broken = Buffer.concat([
			Buffer.from('\0image/jpeg\0\x03\0', 'latin1'),
			cover.subarray(0, 900)
		]);
		const title = Buffer.concat([Buffer.of(3), Buffer.from('no picture')]);
		const tag = id3Tag(4, [id3Frame(4, 'TIT2', title), id3Frame(4, 'APIC', broken)]);
		const sound = await makeSample('mp3', { hertz: anyPitch(), args: ['-id3v2_version', '0'] });
		const { track } = await publish(Buffer.concat([tag, sound]), 'x.mp3');
		assert.equal(track.title, 'no picture');
		assert.equal(track.imageUrl, null);
		const line = site.logged.find(({ event }) => event === 'embedded_cover_ignored');
		assert.equal(line?.['code'], 'broken_image');
	});

	it('is published all the same when its tags cannot be read', async () => {
		const flac = await makeSample('flac', { hertz: anyPitch(), tags: { title: 'unread' } });
		// one comment is promised to have four gigabytes
		const at = flac.indexOf('unread') - 'title='.length - 4;
		flac.writeUInt32LE(0xffff_fff0, at);
		const { track } = await publish(flac, '07 - what is left.flac');
		assert.equal(track.title, 'what is left');
		const line = site.logged.find(({ event }) => event === 'tags_unreadable');
		assert.match(String(line?.['reason']), /cannot be read/);
	});
});
