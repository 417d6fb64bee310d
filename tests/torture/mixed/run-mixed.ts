import { copyFile, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '#lib/server/context.ts';
import { Random } from '../../../dev/music/random.ts';
import { Visitor } from '../../integration/visitor.ts';
import { sendJson } from '../../integration/published-music.ts';
import { RandomListener } from '../../queue/queue-actions.ts';
import type { Violation } from '../check-world.ts';
import { hurryJobs } from '../killing.ts';
import { isAtRest, sweepEverything } from '../rest.ts';
import { Sounds } from '../sounds.ts';
import { Catalogue } from './catalogue.ts';
import { checkMixed, type Told } from './check.ts';
import { Client } from './client.ts';
import { gapsOfBoth, killAtRandom } from './killing.ts';
import { Liker } from './liking.ts';
import { Listener } from './listening.ts';
import type { ProxyKind } from './proxy.ts';
import { Publisher } from './publishing.ts';
import { type MixedSite, startMixedSite } from './site.ts';
import { Tab } from './tab.ts';
import { type Failure, quantile, Tally } from './tally.ts';

export interface MixedOptions {
	seed: string;
	loadMs: number;
	/** what stands before those with pages */
	proxy: ProxyKind;
	/** called at times with a sentence */
	say: (text: string) => void;
	/** folder for what the processes said; absent: it is thrown away */
	logDir?: string | undefined;
	/** looks at the site when it is at rest, before it is closed */
	inspect?: (rest: MixedRest) => Promise<void>;
}

/** The site after the last request, with nothing under way. */
export interface MixedRest {
	ctx: Context;
	told: Told;
	look: () => Promise<Violation[]>;
}

export interface MixedReport {
	counts: Record<string, number>;
	requests: number;
	/** what people see */
	errors: Failure[];
	/** among them: neither of those with pages was there */
	errorsWithoutServer: number;
	/** what the product's own code tried again */
	repeated: Failure[];
	/** ms until another tab, on the other server, had heard of a change of the queue */
	queueDelaysMs: number[];
	times: ReadonlyMap<string, number[]>;
	violations: Violation[];
}

const FIRST_UPLOADS = 3;
/** Somebody who looks and listens does something so often. */
const LISTENER_PAUSE_MS = [50, 400] as const;
const LIKE_PAUSE_MS = [400, 1_500] as const;
const QUEUE_PAUSE_MS = [200, 1_500] as const;
const UPLOAD_PAUSE_MS = [500, 3_000] as const;
const EDIT_PAUSE_MS = [800, 2_500] as const;
const REST_LIMIT_MS = 120_000;
/** A stream of news that a dead server leaves behind is opened again by then. */
const NEWS_LIMIT_MS = 15_000;

/** Everybody at once, while one process after the other dies; then compares all that was said with all that is. */
export async function runMixed(options: MixedOptions): Promise<MixedReport> {
	const { seed, loadMs, say, logDir, inspect } = options;
	const site = await startMixedSite(options.proxy);
	let people: People | undefined;
	try {
		people = await invite(site, seed);
		const { publishers } = people;
		for (const publisher of publishers) {
			const never = new AbortController().signal;
			for (let i = 0; i < FIRST_UPLOADS; i++) await publisher.upload(never, i === 0);
			await publisher.settle(REST_LIMIT_MS);
		}
		say('everybody is there');
		const over = new AbortController();
		const killing = killAtRandom(site, new Random(`${seed} kills`), over.signal);
		const acting = actAll(people, seed, over.signal);
		const telling = tell(people.tally, say, over.signal);
		await sleep(loadMs, undefined, { signal: AbortSignal.any([failureOf(acting)]) });
		over.abort();
		await Promise.all([killing, acting, telling]);
		say('coming to rest…');
		await comeToRest(site, people);
		const violations = await examine(site, people, inspect);
		return reportOf(site, people, violations);
	} finally {
		for (const one of [...(people?.tabs ?? []), ...(people?.clients ?? [])]) one.close();
		if (logDir) await keepLogs(site, logDir);
		await site.close();
	}
}

type People = Awaited<ReturnType<typeof invite>>;

/** Three who are signed in, two of them artists, and three who are not. */
async function invite(site: MixedSite, seed: string) {
	const tally = new Tally();
	const catalogue = new Catalogue();
	const sounds = await Sounds.make();
	const randomFor = (name: string) => new Random(`${seed} ${name}`);
	let addresses = 1;
	const clients: Client[] = [];
	const client = (who: string, cookie = '', base = site.url) => {
		const localAddress = `127.0.1.${(addresses += 1)}`;
		const made = new Client(tally, { base, siteUrl: site.url, localAddress }, who, cookie);
		clients.push(made);
		return made;
	};
	const publishers: Publisher[] = [];
	const likers: Liker[] = [];
	const listeners: Listener[] = [];
	const tabs: Tab[] = [];
	for (const name of ['alice', 'bob', 'carol'] as const) {
		const visitor = new Visitor(site.url);
		await visitor.signIn(name);
		const cookie = [...visitor.cookies].map((pair) => pair.join('=')).join('; ');
		const own = client(name, cookie);
		const me = await visitor.open('/api/auth/me', { headers: { accept: 'application/json' } });
		const { did, handle } = (await me.json()) as { did: string; handle: string };
		if (name !== 'carol') {
			await sendJson(visitor, 'POST', '/api/artists/', { display_name: `${name} the artist` });
			const random = randomFor(`publisher ${name}`);
			publishers.push(new Publisher(own, { did, handle }, catalogue, sounds, random));
		}
		likers.push(new Liker(own, did, catalogue, randomFor(`liker ${name}`)));
		listeners.push(new Listener(own, catalogue, randomFor(`listener ${name}`)));
		if (name !== 'carol') continue;
		for (const [index, url] of site.pinnedUrls.entries()) {
			tabs.push(new Tab(client(`carol, tab ${index + 1}`, cookie, url), `tab${index + 1}`));
		}
	}
	for (const name of ['somebody', 'somebody else', 'a third']) {
		listeners.push(new Listener(client(name), catalogue, randomFor(`listener ${name}`)));
	}
	const anybody = client('anybody');
	return { tally, catalogue, publishers, likers, listeners, tabs, clients, anybody };
}

/** Everybody does this and that until the signal comes, and finishes what they have begun. */
async function actAll(
	{ publishers, likers, listeners, tabs }: People,
	seed: string,
	signal: AbortSignal
): Promise<void> {
	const never = new AbortController().signal;
	let actors = 0;
	const often = async ([least, most]: readonly [number, number], act: () => unknown) => {
		const random = new Random(`${seed} actor ${(actors += 1)}`);
		while (!signal.aborted) {
			await act();
			await sleep(random.between(least, most));
		}
	};
	const queueRandom = new Random(`${seed} queue`);
	const pick = () => queueRandom.next();
	const clock = { now: Date.now, newId: () => crypto.randomUUID(), random: pick };
	await Promise.all([
		...listeners.map((one) => often(LISTENER_PAUSE_MS, () => one.act())),
		...likers.map((one) => often(LIKE_PAUSE_MS, () => one.act())),
		...publishers.flatMap((one) => [
			often(UPLOAD_PAUSE_MS, () => one.upload(never)),
			often(EDIT_PAUSE_MS, () => one.edit()),
			often([1_000, 1_000], () => one.look().catch(ofALine))
		]),
		...tabs.map((tab) => {
			const listener = new RandomListener(pick, clock);
			return often(QUEUE_PAUSE_MS, () => tab.sync.change(listener.act(tab.sync.state)));
		})
	]);
	await Promise.all(listeners.map((one) => one.settle()));
}

/** A broken line is counted where it broke. */
function ofALine(cause: unknown): void {
	if (!(cause instanceof TypeError)) throw cause;
}

/** Ends a wait when something ends it that should go on. */
function failureOf(acting: Promise<unknown>): AbortSignal {
	const failed = new AbortController();
	acting.catch((cause: unknown) => failed.abort(cause));
	return failed.signal;
}

async function tell(tally: Tally, say: (text: string) => void, signal: AbortSignal): Promise<void> {
	for (;;) {
		await sleep(60_000, undefined, { signal }).catch(() => undefined);
		if (signal.aborted) return;
		const { requests, errors, failures } = tally;
		const repeated = failures.length - errors.length;
		say(`${requests} requests, ${errors.length} errors, ${repeated} tried again`);
	}
}

async function comeToRest(site: MixedSite, { publishers, tabs }: People): Promise<void> {
	const endsAt = Date.now() + REST_LIMIT_MS;
	const isOpen = async () => {
		const left = await Promise.all(publishers.map((one) => one.look()));
		if (left.some((count) => count > 0) || !(await isAtRest(site))) return true;
		const [row] = await site.database.sql`
			select 1 from like_writes union all
			select 1 from pgboss.job where state in ('active', 'retry') or (state = 'created' and start_after <= now())
			limit 1`;
		return row !== undefined;
	};
	while ((await isOpen()) && Date.now() < endsAt) {
		await hurryJobs(site);
		// what a request that died has left is settled a minute later
		await site.database.sql`
			update like_writes set started_at = started_at - interval '2 minutes'
			where started_at > now() - interval '2 minutes'`;
		await site.database.sql`
			update pgboss.job set start_after = now()
			where name = 'likes' and state in ('created', 'retry') and start_after > now()`;
		await sleep(500);
	}
	const newsEndAt = Date.now() + NEWS_LIMIT_MS;
	const isQuiet = () =>
		tabs.every(({ sync }) => !sync.isUnsent && sync.revision === tabs[0]?.sync.revision);
	while (!isQuiet() && Date.now() < newsEndAt) await sleep(50);
}

async function examine(
	site: MixedSite,
	people: People,
	inspect: MixedOptions['inspect']
): Promise<Violation[]> {
	const ctx = await site.openContext();
	try {
		await sweepEverything(ctx, site);
		const look = () => checkMixed(site, ctx, people);
		const violations = await look();
		for (const { client, wrong } of people.listeners) {
			violations.push(
				...wrong.map((about) => ({ kind: 'wrong', about: `${client.who}: ${about}` }))
			);
		}
		for (const { name, troubles } of site.processes) {
			violations.push(
				...troubles.map((about) => ({ kind: 'process', about: `${name}: ${about}` }))
			);
		}
		await inspect?.({ ctx, told: people, look });
		return violations;
	} finally {
		await ctx.dispose();
	}
}

function reportOf(site: MixedSite, people: People, violations: Violation[]): MixedReport {
	const { tally, publishers, likers, tabs } = people;
	const { errors, failures, requests, times } = tally;
	const gaps = gapsOfBoth(site.web);
	const isWithoutServer = ({ at, ms }: Failure) =>
		gaps.some(({ from, until }) => from <= at + ms && at <= until);
	const sum = <One>(all: readonly One[], of: (one: One) => number) =>
		all.reduce((total, one) => total + of(one), 0);
	const [one, other] = tabs;
	const queueDelaysMs = [
		[one, other],
		[other, one]
	].flatMap(([from, to]) =>
		[...(from?.accepted ?? [])].map(([id, sentAt]) => (to?.heard.get(id) ?? Infinity) - sentAt)
	);
	return {
		counts: {
			...Object.fromEntries(
				site.processes.flatMap(({ name, endings }) => [
					[`${name} killed`, endings.SIGKILL],
					[`${name} stopped`, endings.SIGTERM]
				])
			),
			'ms without a web server': sum(gaps, ({ from, until }) => until - from),
			'times without a web server': gaps.length,
			'ms until a web server is back (median)': quantile(
				site.web.flatMap((one) => one.gaps.map(({ from, until }) => until - from)),
				0.5
			),
			'uploads received': sum(publishers, ({ uploads }) => uploads.length),
			'uploads gone on with': sum(publishers, ({ counts }) => counts.resumed),
			'edits of tracks': sum(publishers, ({ counts }) => counts.edits),
			'edits of albums': sum(publishers, ({ counts }) => counts.albumEdits),
			'edits that failed': sum(publishers, ({ counts }) => counts.failedEdits),
			liked: sum(likers, ({ counts }) => counts.liked),
			unliked: sum(likers, ({ counts }) => counts.unliked),
			'likes that failed': sum(likers, ({ counts }) => counts.failed),
			'queue changes': queueDelaysMs.length,
			'streams of news opened': sum(tabs, ({ connections }) => connections)
		},
		requests,
		errors,
		errorsWithoutServer: errors.filter(isWithoutServer).length,
		repeated: failures.filter(({ isRepeated }) => isRepeated),
		...{ queueDelaysMs, times, violations }
	};
}

async function keepLogs(site: MixedSite, logDir: string): Promise<void> {
	await mkdir(logDir, { recursive: true });
	for (const name of await readdir(site.dir)) {
		if (name.endsWith('.log')) await copyFile(path.join(site.dir, name), path.join(logDir, name));
	}
	await copyFile(path.join(site.dir, 'nginx/logs/error.log'), path.join(logDir, 'nginx.log'));
}
