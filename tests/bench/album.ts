/**
 * What publishing an album costs: 50 files of 5 MB, from the first byte to the last track, beside
 * ffmpeg alone doing what has to be done with the same files (see what each is, measure it, convert
 * what browsers do not play and measure that). To see what a file is, its own ffprobe is started,
 * which takes a tenth of a second of a processor where it is linked against two hundred libraries:
 * the ratio without it is printed, too. Ends with 1 when a bound is missed.
 *   npm run bench:album [-- --files 50]
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { type BenchApp, startBenchApp } from './bench-app.ts';
import { residentMib, watchPeak } from './process-facts.ts';
import { type Destination, sendFileByTus } from './send-recording.ts';

const run = promisify(execFile);
const FFMPEG = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const FFPROBE = process.env['FFPROBE_PATH'] ?? 'ffprobe';
const MIN_RATIO = 0.7;
/** More than this from the first half to the second, and memory grows with what passes. */
const MAX_GROWTH_MIB = 16;
/** As many as the application works on at once. */
const AT_ONCE = 2;
const SENT_AT_ONCE = 2;
const SETTLE_MS = 3_000;
/** How often the one who waits asks. */
const LOOK_MS = 250;

const { values: options } = parseArgs({ options: { files: { type: 'string', default: '50' } } });

/** Formats an album of today comes in; each with the seconds that make 5 MB, and whether it is converted. */
const FORMATS = [
	{ extension: 'wav', seconds: 28, encode: ['-c:a', 'pcm_s16le'], isConverted: false },
	{ extension: 'flac', seconds: 38, encode: ['-c:a', 'flac'], isConverted: false },
	{ extension: 'mp3', seconds: 125, encode: ['-b:a', '320k'], isConverted: false },
	{ extension: 'aiff', seconds: 28, encode: ['-c:a', 'pcm_s16be'], isConverted: true },
	{ extension: 'm4a', seconds: 150, encode: ['-c:a', 'aac', '-b:a', '256k'], isConverted: false }
];

interface AlbumFile {
	path: string;
	isConverted: boolean;
}

/** Music-like noise of a seed of its own, so that no file is another's duplicate. */
async function makeFile(dir: string, index: number): Promise<AlbumFile> {
	const format = FORMATS[index % FORMATS.length] ?? FORMATS[0];
	if (!format) throw new Error('there are no formats');
	const file = path.join(dir, `${String(index + 1).padStart(2, '0')} - piece.${format.extension}`);
	const seed = randomBytes(4).readUInt32BE();
	const source = `anoisesrc=d=${format.seconds}:c=pink:r=44100:a=0.4:seed=${seed}`;
	const args = ['-f', 'lavfi', '-i', source, '-ac', '2', ...format.encode, file];
	await run(FFMPEG, ['-v', 'error', '-nostdin', '-y', ...args]);
	return { path: file, isConverted: format.isConverted };
}

/** Does something with all of them, a few at a time, in order. */
async function each<T>(
	items: T[],
	atOnce: number,
	work: (item: T, index: number) => Promise<void>
) {
	const queue = items.entries();
	const worker = async () => {
		for (const [index, item] of queue) await work(item, index);
	};
	await Promise.all(Array.from({ length: atOnce }, worker));
}

const bare = ['-v', 'error', '-nostdin', '-y', '-threads', '1'];

/** What the programs of ffmpeg are run for. */
interface Bare {
	/** seeing what a file is before it is measured */
	probes: boolean;
}

async function measureBare(file: string, { probes }: Bare): Promise<void> {
	if (probes) await run(FFPROBE, ['-v', 'error', '-show_format', '-show_streams', file]);
	const meters = '[0:a:0]asplit=2[meter][wave];[meter]ebur128=peak=true[metered]';
	const outputs = ['-map', '[metered]', '-f', 'null', '-', '-map', '[wave]', '-c:a', 'pcm_s16le'];
	await run(FFMPEG, [
		...bare,
		'-i',
		file,
		'-filter_complex',
		meters,
		...outputs,
		'-f',
		's16le',
		'/dev/null'
	]);
}

async function workBare({ path: file, isConverted }: AlbumFile, bareness: Bare): Promise<void> {
	await measureBare(file, bareness);
	if (!isConverted) return;
	const converted = `${file}.bare.mp3`;
	await run(FFMPEG, [...bare, '-i', file, '-c:a', 'libmp3lame', '-b:a', '320k', converted]);
	await measureBare(converted, bareness);
	await rm(converted);
}

async function json<T>(
	{ url, headers }: Destination,
	method: string,
	address: string,
	body?: object
) {
	const answer = await fetch(`${url}${address}`, {
		method,
		headers: { ...headers, 'content-type': 'application/json' },
		body: body && JSON.stringify(body)
	});
	if (!answer.ok) throw new Error(`${method} ${address} was answered ${await answer.text()}`);
	return (await answer.json()) as T;
}

interface Release {
	tracks: { upload: { status: string; error: string | null; file_name: string } }[];
}

/** Sends everything as one release, publishes it while it arrives, and waits for the last track. */
async function publishAlbum(app: BenchApp, files: AlbumFile[], onHalf: () => void): Promise<void> {
	const to = app.destination;
	const { release_id: id } = await json<{ release_id: string }>(to, 'POST', '/api/releases', {});
	await each(files, SENT_AT_ONCE, async (file, index) => {
		const metadata = { release_id: id, release_position: String(index + 1) };
		await sendFileByTus(to, file.path, await readFile(file.path), metadata);
		if (index !== 0) return;
		const fields = { album_title: 'fifty pieces' };
		await json(to, 'PATCH', `/api/releases/${id}`, { fields, rights_confirmed: true });
		await json(to, 'POST', `/api/releases/${id}/publish`, { rights_confirmed: true });
	});
	for (let isHalf = false; ;) {
		const { tracks } = await json<Release>(to, 'GET', `/api/releases/${id}`);
		const failed = tracks.find(({ upload }) => upload.status === 'failed');
		if (failed) throw new Error(`${failed.upload.file_name}: ${failed.upload.error}`);
		const done = tracks.filter(({ upload }) => upload.status === 'completed').length;
		if (!isHalf && done >= files.length / 2) {
			isHalf = true;
			onHalf();
		}
		if (done === files.length) return;
		await sleep(LOOK_MS);
	}
}

const dir = await mkdtemp(path.join(tmpdir(), 'plyr-bench-album-'));
const app = await startBenchApp([], {
	// an evening's worth for one artist; the limits are not what is measured
	UPLOADS_PER_HOUR: '10000',
	UPLOAD_MB_PER_HOUR: '1000000'
});
try {
	const files: AlbumFile[] = [];
	const indices = Array.from({ length: Number(options.files) + 1 }, (_, index) => index);
	await each(indices, AT_ONCE, async (index) => {
		files[index] = await makeFile(dir, index);
	});
	// what is loaded at first use is no cost of this album
	const [first, ...album] = files;
	if (!first) throw new Error('there are no files');
	await publishAlbum(app, [first], () => undefined);
	await sleep(SETTLE_MS);

	process.stderr.write(`${album.length} files: ffmpeg alone, then the application…\n`);
	const timeBare = async (bareness: Bare) => {
		const began = performance.now();
		await each(album, AT_ONCE, (file) => workBare(file, bareness));
		return performance.now() - began;
	};
	const bareMs = await timeBare({ probes: true });
	const unprobedMs = await timeBare({ probes: false });

	const idleMib = residentMib(app.pid);
	const peaks: number[] = [];
	let peak = watchPeak(app.pid);
	const began = performance.now();
	await publishAlbum(app, album, () => {
		peaks.push(peak());
		peak = watchPeak(app.pid);
	});
	const ms = performance.now() - began;
	peaks.push(peak());

	const perMinute = (of: number) => Number(((album.length * 60_000) / of).toFixed(1));
	const ratio = bareMs / ms;
	const [firstHalf = 0, secondHalf = 0] = peaks;
	const sizes = await Promise.all(album.map(async (file) => (await stat(file.path)).size));
	console.table([
		{
			files: album.length,
			MB: Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1e6),
			'tracks a minute': perMinute(ms),
			'ffmpeg alone': perMinute(bareMs),
			ratio: Number(ratio.toFixed(2)),
			'without ffprobe': Number((unprobedMs / ms).toFixed(2)),
			'idle MiB': Math.round(idleMib),
			'peak of the first half': Math.round(firstHalf),
			'of the second': Math.round(secondHalf)
		}
	]);
	const missed = [
		...(ratio < MIN_RATIO ? [`ratio below ${MIN_RATIO}`] : []),
		...(secondHalf - firstHalf > MAX_GROWTH_MIB ? ['memory grows with the album'] : [])
	];
	for (const one of missed) process.stdout.write(`missed: ${one}\n`);
	process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
	await app.stop();
	await rm(dir, { recursive: true, force: true });
}
