import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import { Random } from '../../dev/music/random.ts';
import { Artist } from './artist.ts';
import { checkCatalogues } from './check-catalogues.ts';
import { checkModel } from './check-model.ts';
import { checkWorld, type Violation } from './check-world.ts';
import { Model } from './model.ts';
import { hurryJobs, killSomebody, untilReady } from './killing.ts';
import { doSomething, type Studio } from './operations.ts';
import { type StorageKind, startTortureSite, type TortureSite } from './site.ts';
import { makePictures, Sounds } from './sounds.ts';
import { comeToRest, sweepEverything } from './rest.ts';
import { watchUploads } from './watching.ts';
import { readWorld, type World } from './world.ts';

export interface TortureOptions {
	seed: string;
	rounds: number;
	storage: StorageKind;
	/** called at times with a sentence */
	say: (text: string) => void;
	/** folder for what the processes said; absent: it is thrown away */
	logDir?: string | undefined;
	/** looks at the site when it is at rest, before it is closed */
	inspect?: (rest: AtRest) => Promise<void>;
}

/** The site after the last round, with nothing under way. */
export interface AtRest {
	site: TortureSite;
	ctx: Context;
	artists: readonly Artist[];
	look: () => Promise<World>;
}

export interface TortureReport {
	counts: Record<string, number>;
	/** how often what was done */
	operations: Record<string, number>;
	violations: Violation[];
}

const ACTORS = 5;
/** So many are there before the first round. */
const TRACKS_AT_FIRST = 8;
/** A pause of a job is over after this at the latest. */
const HURRY_MS = 1_000;

/** Tortures the product for some rounds, lets it come to rest, and looks at what there is. */
export async function runTorture(options: TortureOptions): Promise<TortureReport> {
	const { seed, storage, say } = options;
	const randomFor = (name: string) => new Random(`${seed} ${storage} ${name}`);
	const site = await startTortureSite(storage, randomFor('pds'));
	try {
		for (const one of [site.transcoder, site.app, site.worker]) one.start();
		await Promise.all([site.transcoder.ready, site.app.ready, site.worker.ready]);
		const artists = ['alice', 'bob', 'carol'].map((name) => new Artist(site.url, name, site.note));
		for (const artist of artists) {
			await artist.signIn();
			await artist.makeProfile();
		}
		const model = new Model();
		const sounds = await Sounds.make();
		const pictures = await makePictures();
		const studio: Studio = { model, artists, sounds, pictures, known: [] };
		const operations: Record<string, number> = {};
		await playWhile(studio, randomFor, operations, () =>
			play(site, model, randomFor('kills'), options)
		);
		say('coming to rest…');
		await comeToRest(site, model);
		return await examine(site, studio, operations, options);
	} finally {
		if (options.logDir) await keepLogs(site, options.logDir, storage);
		await site.close();
	}
}

/** Artists do this and that while something goes on; whatever they have begun is finished. */
async function playWhile(
	studio: Studio,
	randomFor: (name: string) => Random,
	operations: Record<string, number>,
	goesOn: () => Promise<void>
): Promise<void> {
	const over = new AbortController();
	const actors = Array.from({ length: ACTORS }, async (_, index) => {
		const random = randomFor(`actor ${index}`);
		while (!over.signal.aborted) {
			const name = await doSomething(studio, random);
			operations[name] = (operations[name] ?? 0) + 1;
			await sleep(random.between(0, 300));
		}
	});
	const watcher = watchUploads(studio.model, over.signal);
	await goesOn().finally(() => over.abort());
	await Promise.all([...actors, watcher]);
}

async function play(
	site: TortureSite,
	model: Model,
	random: Random,
	options: TortureOptions
): Promise<void> {
	while (model.tracks.size < TRACKS_AT_FIRST) await sleep(200);
	site.proxy.setTroubled(true);
	const hurrying = setInterval(() => void hurryJobs(site), HURRY_MS);
	for (let round = 1; round <= options.rounds; round++) {
		await killSomebody(site, random);
		if (round % 10 > 0) continue;
		const { storage, rounds, say } = options;
		say(`${storage}: ${round} of ${rounds} rounds, ${model.tracks.size} tracks`);
	}
	clearInterval(hurrying);
	site.proxy.setTroubled(false);
	await untilReady([site.app, site.worker, site.transcoder]);
}

async function examine(
	site: TortureSite,
	{ model, artists }: Studio,
	operations: Record<string, number>,
	options: TortureOptions
): Promise<TortureReport> {
	const ctx = await site.openContext();
	try {
		await sweepEverything(ctx, site);
		const records = recordSite(ctx.config);
		const dids = artists.map(({ did }) => did);
		const places = { ctx, pdsUrl: site.pdsUrl, dids, collection: records.trackCollection };
		const look = () => readWorld(places);
		const world = await look();
		const violations = [
			...checkWorld(world, records),
			...checkModel(model, world),
			...(await checkCatalogues(ctx, artists))
		];
		for (const artist of artists) {
			violations.push(...artist.internalErrors.map((about) => ({ kind: 'internal_error', about })));
		}
		await options.inspect?.({ site, ctx, artists, look });
		return { counts: countAll(site, model, world, options.rounds), operations, violations };
	} finally {
		await ctx.dispose();
	}
}

function countAll(
	{ app, worker, transcoder, proxy }: TortureSite,
	model: Model,
	world: World,
	rounds: number
): Record<string, number> {
	const uploads = [...model.uploads.values()];
	return {
		rounds,
		'kills of the app': app.kills,
		'kills of the worker': worker.kills,
		'kills of the transcoder': transcoder.kills,
		'pds calls turned away': proxy.troubles['turned away'],
		'pds answers late': proxy.troubles['slow answer'],
		'pds answers lost': proxy.troubles['answer lost'],
		uploads: uploads.length,
		'uploads published': uploads.filter(({ trackId }) => trackId !== null).length,
		'uploads refused': uploads.filter(({ failure }) => failure !== null).length,
		'uploads discarded': uploads.filter(({ state }) => state === 'discarded').length,
		'tracks deleted': [...model.tracks.values()].filter(({ isThere }) => isThere.is(false)).length,
		tracks: world.tracks.length,
		records: world.records.length,
		revisions: world.revisions.length,
		'audio files': world.audioFiles.length,
		pictures: world.images.length,
		objects: world.objects.length,
		staged: world.staged.length
	};
}

async function keepLogs(site: TortureSite, logDir: string, storage: StorageKind): Promise<void> {
	const dir = path.join(logDir, storage);
	await mkdir(dir, { recursive: true });
	for (const name of ['app.log', 'worker.log', 'transcoder.log', 'artists.log']) {
		await copyFile(path.join(site.dir, name), path.join(dir, name));
	}
}
