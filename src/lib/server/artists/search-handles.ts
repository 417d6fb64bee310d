import { z } from 'zod';
import type { FoundPerson } from '#lib/artists/found-person.ts';
import { isDid } from '#lib/auth/handle.ts';
import type { Context } from '#lib/server/context.ts';
import { oneLine } from '#lib/search/search-query.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { findArtistsByText } from './queries.ts';

type Searcher = Pick<Context, 'config' | 'db' | 'log' | 'oauth'>;

const MIN_LETTERS = 2;
const MAX_RESULTS = 25;
const DEFAULT_RESULTS = 10;
const ASK_LIMIT_MS = 3_000;

/** As app.bsky.actor.searchActorsTypeahead answers. */
const answer = z.object({
	actors: z.array(
		z.object({
			did: z.string().refine(isDid),
			handle: z.string(),
			displayName: z.string().optional(),
			avatar: z.string().url().startsWith('https://').optional().catch(undefined)
		})
	)
});

/**
 * People whose handle or name fits what somebody has typed: artists of this site first, then those
 * a public service knows, when one is configured. That it does not answer is no error.
 * @throws DomainError 422 for fewer than two letters, and for a limit that is none
 */
export async function searchHandles(
	ctx: Searcher,
	{ text, limit }: { text: string; limit: string | null }
): Promise<FoundPerson[]> {
	const typed = oneLine(text).replace(/^@/, '').toLowerCase().slice(0, 100);
	if (typed.length < MIN_LETTERS) throw unprocessable('q', 'type at least two letters');
	const count = limit === null ? DEFAULT_RESULTS : Number(limit);
	if (!Number.isInteger(count) || count < 1 || count > MAX_RESULTS) {
		throw unprocessable('limit', `limit is between 1 and ${MAX_RESULTS}`);
	}
	const here = (await findArtistsByText(ctx.db, typed, count)).map((row) => ({
		did: row.did,
		handle: row.handle,
		display_name: row.display_name,
		avatar_url: row.avatar_image_id && `${ctx.config.publicUrl}/images/${row.avatar_image_id}`
	}));
	if (here.length >= count) return here;
	const known = new Set(here.map(({ did }) => did));
	const elsewhere = (await askService(ctx, typed)).filter(({ did }) => !known.has(did));
	return [...here, ...elsewhere].slice(0, count);
}

interface Cached {
	until: number;
	people: Promise<FoundPerson[]>;
}

const CACHE_MS = 60_000;
const MAX_CACHED = 500;
/** So long a service is left alone after it has not answered: whoever types must not wait at each letter. */
const REST_MS = 10_000;

/** What this process knows of the service. */
interface Service {
	/** what was asked a moment ago, also while its answer is on the way */
	answers: Map<string, Cached>;
	restsUntil: number;
}

const services = new WeakMap<Context['oauth'], Service>();

function serviceOf({ oauth }: Searcher): Service {
	const service = services.get(oauth) ?? { answers: new Map<string, Cached>(), restsUntil: 0 };
	services.set(oauth, service);
	return service;
}

async function askService(ctx: Searcher, typed: string): Promise<FoundPerson[]> {
	const url = ctx.config.handleSearchUrl;
	if (url === undefined) return [];
	const service = serviceOf(ctx);
	const { answers } = service;
	const cached = answers.get(typed);
	if (cached && cached.until > Date.now()) return await cached.people;
	if (service.restsUntil > Date.now()) return [];
	const people = ask(ctx, url, typed).catch((cause: unknown) => {
		// a service of somebody else's: without it, people of this site are found
		ctx.log.info('handle_search_unanswered', { reason: String(cause) });
		answers.delete(typed);
		service.restsUntil = Date.now() + REST_MS;
		return [];
	});
	answers.set(typed, { until: Date.now() + CACHE_MS, people });
	const oldest = answers.keys().next().value;
	if (answers.size > MAX_CACHED && oldest !== undefined) answers.delete(oldest);
	return await people;
}

async function ask({ oauth }: Searcher, base: string, typed: string): Promise<FoundPerson[]> {
	const url = new URL(base);
	url.searchParams.set('q', typed);
	url.searchParams.set('limit', String(MAX_RESULTS));
	const response = await oauth.safeFetch(url, { signal: AbortSignal.timeout(ASK_LIMIT_MS) });
	if (!response.ok) throw new Error(`it answered with ${response.status}`);
	const { actors } = answer.parse(await response.json());
	return actors.map(({ did, handle, displayName, avatar }) => ({
		did,
		handle,
		display_name: displayName ?? null,
		avatar_url: avatar ?? null
	}));
}
