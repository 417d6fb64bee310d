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
import { tracksOf } from './model-release.ts';
import { hurryJobs, killSomebody, untilReady } from './killing.ts';
import { countAll } from './count.ts';
import { type ActionName, doSomething } from './operations.ts';
import { type StorageKind, startTortureSite, type TortureSite } from './site.ts';
import { makePictures, Sounds } from './sounds.ts';
import { comeToRest, sweepEverything } from './rest.ts';
import type { Studio } from './turn.ts';
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

/** How often each was done. */
type Actions = Partial<Record<ActionName, number>>;

/** The site after the last round, with nothing under way. */
export interface AtRest {
	site: TortureSite;
	ctx: Context;
	artists: readonly Artist[];
	look: () => Promise<World>;
}

export interface TortureReport {
	counts: Record<string, number>;
	actions: Actions;
	violations: Violation[];
}

const ACTORS = 5;
/** So many are there before the first round, and the album of a release. */
const TRACKS_AT_FIRST = 6;
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
		const actions: Actions = {};
		await playWhile(studio, randomFor, actions, () =>
			play(site, model, randomFor('kills'), { ...options, actions })
		);
		say('coming to rest…');
		await comeToRest(site, model);
		return await examine(site, studio, actions, options);
	} finally {
		if (options.logDir) await keepLogs(site, options.logDir, storage);
		await site.close();
	}
}

/** Artists do this and that while something goes on; whatever they have begun is finished. */
async function playWhile(
	studio: Studio,
	randomFor: (name: string) => Random,
	actions: Actions,
	goesOn: () => Promise<void>
): Promise<void> {
	const over = new AbortController();
	const actors = Array.from({ length: ACTORS }, async (_, index) => {
		const random = randomFor(`actor ${index}`);
		// there is an album soon, whatever is drawn
		let next: ActionName | undefined = index === 0 ? 'release' : undefined;
		while (!over.signal.aborted) {
			const name = await doSomething(studio, random, next);
			next = undefined;
			if (name) actions[name] = (actions[name] ?? 0) + 1;
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
	{ rounds, storage, say, actions }: TortureOptions & { actions: Actions }
): Promise<void> {
	while (model.tracks.size < TRACKS_AT_FIRST || !hasAlbum(model)) await sleep(200);
	const startedAt = Date.now();
	site.proxy.setTroubled(true);
	const hurrying = setInterval(() => void hurryJobs(site), HURRY_MS);
	for (let round = 1; round <= rounds; round++) {
		await killSomebody(site, random);
		if (round % 10 > 0) continue;
		const leftMin = Math.ceil(((Date.now() - startedAt) / round / 60_000) * (rounds - round));
		const done = Object.entries(actions).map(([name, times]) => `${name} ${times}`);
		say(`${storage}: ${round} of ${rounds} rounds, ${leftMin} min left: ${done.join(', ')}`);
	}
	clearInterval(hurrying);
	site.proxy.setTroubled(false);
	await untilReady([site.app, site.worker, site.transcoder]);
}

const hasAlbum = ({ releases }: Model) => releases.some((release) => tracksOf(release).length > 0);

async function examine(
	site: TortureSite,
	{ model, artists }: Studio,
	actions: Actions,
	options: TortureOptions
): Promise<TortureReport> {
	const ctx = await site.openContext();
	try {
		await sweepEverything(ctx, site);
		const records = recordSite(ctx.config);
		const dids = artists.map(({ did }) => did);
		const places = { ctx, pdsUrl: site.pdsUrl, dids, site: records };
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
		return { counts: countAll(site, model, world, options.rounds), actions, violations };
	} finally {
		await ctx.dispose();
	}
}

async function keepLogs(site: TortureSite, logDir: string, storage: StorageKind): Promise<void> {
	const dir = path.join(logDir, storage);
	await mkdir(dir, { recursive: true });
	for (const name of ['app.log', 'worker.log', 'transcoder.log', 'artists.log']) {
		await copyFile(path.join(site.dir, name), path.join(dir, name));
	}
}
