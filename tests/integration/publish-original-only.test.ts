import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { getTrack } from '#lib/server/tracks/tracks.ts';
import { type PublishingSite, startPublishingSite, waitForUpload } from './publishing-site.ts';

const KEY = 'the-key-of-this-test';

interface RunningTranscoder {
	url: string;
	stop(): Promise<void>;
}

/** A transcoder of its own, on a given port or any. @param searchPath where it looks for ffmpeg */
async function startTranscoder(port: number, searchPath: string): Promise<RunningTranscoder> {
	const child: ChildProcess = spawn(process.execPath, ['transcoder/src/server.ts'], {
		env: { PATH: searchPath, TRANSCODER_PORT: String(port), TRANSCODER_AUTH_TOKEN: KEY },
		stdio: ['ignore', 'pipe', 'inherit']
	});
	const url = await new Promise<string>((resolve, reject) => {
		child.once('exit', () => reject(new Error('the transcoder ended')));
		if (!child.stdout) {
			reject(new Error('no output'));
			return;
		}
		createInterface({ input: child.stdout }).on('line', (line) => {
			const fields = JSON.parse(line) as { event: string; url: string };
			if (fields.event === 'transcoder_listening') resolve(fields.url);
		});
	});
	return {
		url,
		async stop() {
			const exited = once(child, 'exit');
			child.kill('SIGTERM');
			await exited;
		}
	};
}

describe('without ffmpeg', () => {
	let site: PublishingSite;
	let alice: string;
	let transcoder: RunningTranscoder;
	before(async () => {
		transcoder = await startTranscoder(0, '/nowhere');
		site = await startPublishingSite({
			TRANSCODER_URL: transcoder.url,
			TRANSCODER_AUTH_TOKEN: KEY
		});
		alice = await site.signIn('alice');
	});
	after(async () => {
		await site.close();
		await transcoder.stop();
	});

	const upload = async (bytes: Buffer, fileName: string) =>
		await waitForUpload(site.ctx, await site.send(alice, { bytes, fileName }));

	for (const format of ['mp3', 'm4a', 'wav', 'flac', 'ogg', 'opus'] as const) {
		it(`${format} is published as it is`, async () => {
			const bytes = await makeSample(format, { tags: { title: 'of its tags' } });
			const published = await upload(bytes, `song.${format}`);
			assert.equal(published.status, 'completed', published.error ?? published.message);
			const track = await getTrack(site.ctx, null, published.track_id ?? 0);
			assert.equal(track.fileId, published.sha256?.slice(0, 16));
			assert.equal(track.title, 'of its tags');
			// as the headers tell it: nothing was decoded
			assert.ok(Math.abs((track.durationMs ?? 0) - 3000) < 120, `${track.durationMs} ms`);
		});
	}

	for (const format of ['aiff', 'alac', 'aac'] as const) {
		it(`${format} waits for a transcoder, visibly`, async () => {
			const waiting = await upload(await makeSample(format), `song.${format}`);
			assert.equal(waiting.status, 'waiting');
			assert.equal(waiting.error_code, 'needs_transcoder');
			assert.match(waiting.message, /^needs a transcoder/);
		});
	}

	it('text is refused all the same', async () => {
		const refused = await upload(Buffer.from('words '.repeat(500)), 'song.mp3');
		assert.equal(refused.error_code, 'unsupported_audio');
	});

	it('what waits goes on by itself when there is one', async () => {
		await transcoder.stop();
		const port = Number(new URL(transcoder.url).port);
		transcoder = await startTranscoder(port, process.env['PATH'] ?? '');
		const { db } = site.ctx;
		const uploads = await db
			.selectFrom('uploads')
			.select('id')
			.where('error_code', '=', 'needs_transcoder')
			.execute();
		assert.equal(uploads.length, 3);
		for (const { id } of uploads) {
			const done = await waitForUpload(site.ctx, id, (row) => row.status === 'completed', 60_000);
			const track = await getTrack(site.ctx, null, done.track_id ?? 0);
			assert.equal(track.fileType, 'mp3');
			assert.ok(track.durationMs !== null);
		}
	});

	it('is not the same as a transcoder that is away for a moment: nothing is published unheard', async () => {
		await transcoder.stop();
		const bytes = await makeSample('mp3', { hertz: 1_000 });
		const id = await site.send(alice, { bytes, fileName: 'x.mp3' });
		const waiting = await waitForUpload(site.ctx, id, (row) => row.error_code !== null);
		assert.equal(waiting.error_code, 'transcoder_unreachable');
		assert.equal(waiting.status, 'pending');
		const port = Number(new URL(transcoder.url).port);
		transcoder = await startTranscoder(port, process.env['PATH'] ?? '');
		const done = await waitForUpload(site.ctx, id, (row) => row.status === 'completed', 60_000);
		const track = await getTrack(site.ctx, null, done.track_id ?? 0);
		assert.ok(track.durationMs !== null);
	});
});
