/**
 * Lighthouse about the home page, a track, an album and an artist of the sample site, as a phone on a
 * slow line meets them. Prints scores, and ends with 1 when one is below its bound or a page moves while
 * it loads. Lighthouse itself is installed at the first use: nothing else needs it.
 *   npm run lighthouse [-- --url http://127.0.0.1:4300] (of a site that runs; else one is started)
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startChild } from './child.ts';
import { findOnPath } from './ffmpeg.ts';
import { missedIn, type Report, rowOf } from './lighthouse/report.ts';
import { type Lifetime, runTask } from './lifetime.ts';
import { runLocalSite } from './local-site.ts';
import { Problem } from './problem.ts';
import { runTied } from './run/run-tied.mjs';
import { say } from './say.ts';
import { SERVER_COMMAND, serverEnvironment } from './server-command.ts';
import { ensureBuilt } from './sources.ts';
import { ensureTestNeeds } from './testing/test-needs.ts';

const FOLDER = path.join(import.meta.dirname, 'lighthouse');
const PORT = '4395';

const { values: options } = parseArgs({ options: { url: { type: 'string' } } });

/** Exactly the packages of its lock file, unless they are there already. */
async function installLighthouse(lifetime: Lifetime): Promise<void> {
	const wanted = readFileSync(path.join(FOLDER, 'package-lock.json'), 'utf8');
	const stamp = path.join(FOLDER, 'node_modules', '.plyr-installed');
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
	say('installing lighthouse…');
	const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--workspaces=false'];
	const npm = runTied('npm', ['ci', '--prefix', FOLDER, ...flags]);
	lifetime.onEnd(() => npm.stop());
	const { succeeded, output } = await npm.done;
	if (!succeeded) throw new Problem(`${output}\nlighthouse could not be installed`);
	writeFileSync(stamp, wanted);
}

/** The product with its samples, in a folder that goes with it. */
async function startSampleSite(lifetime: Lifetime): Promise<string> {
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-lighthouse-'));
	lifetime.onEnd(() => rm(dir, { recursive: true, force: true }));
	process.env['PORT'] ??= PORT;
	process.env['DATA_DIR'] = dir;
	await runLocalSite(lifetime, {
		prepare: ensureBuilt,
		args: () => SERVER_COMMAND,
		env: serverEnvironment(dir),
		showsText: false
	});
	return `http://127.0.0.1:${process.env['PORT']}`;
}

interface ListedTrack {
	id: number;
	artist_handle: string;
	album: { slug: string } | null;
}

/** By name: the newest track of an album, that album, and who made it. */
async function findPages(url: string): Promise<Map<string, string>> {
	const answer = await fetch(`${url}/api/tracks/`);
	const { tracks } = (await answer.json()) as { tracks: ListedTrack[] };
	const track = tracks.find(({ album }) => album !== null);
	if (!track?.album) throw new Problem(`${url} has no album to look at`);
	const artist = `${url}/u/${track.artist_handle}`;
	return new Map([
		['home', `${url}/`],
		['track', `${url}/track/${track.id}`],
		['album', `${artist}/album/${track.album.slug}`],
		['artist', artist]
	]);
}

async function measure(lifetime: Lifetime, urls: string[]): Promise<Report[]> {
	const chromium = process.env['CHROMIUM_PATH'] || findOnPath('chromium');
	if (!chromium) throw new Problem('lighthouse needs chromium');
	const child = startChild([path.join(FOLDER, 'measure.ts'), chromium, ...urls]);
	lifetime.onEnd(() => child.stop(5_000));
	child.stderr.pipe(process.stderr, { end: false });
	const reports: Report[] = [];
	for await (const line of createInterface({ input: child.stdout })) {
		const { url, report } = JSON.parse(line) as { url: string; report: Report };
		say(`looked at ${url}`);
		reports.push(report);
	}
	if (reports.length < urls.length) throw new Problem('lighthouse broke off');
	return reports;
}

await runTask(async (lifetime) => {
	await ensureTestNeeds(lifetime);
	await installLighthouse(lifetime);
	const pages = await findPages(options.url ?? (await startSampleSite(lifetime)));
	const reports = await measure(lifetime, [...pages.values()]);
	const named = [...pages.keys()].flatMap((name, index) => {
		const report = reports[index];
		return report ? [[name, report] as const] : [];
	});
	console.table(Object.fromEntries(named.map(([name, report]) => [name, rowOf(report)])));
	const missed = named.flatMap(([name, report]) => missedIn(name, report));
	for (const one of missed) process.stdout.write(`missed: ${one}\n`);
	return missed.length === 0 ? 0 : 1;
});
