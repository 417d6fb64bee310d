import { z } from 'zod';
import type { Viewer } from '#lib/auth/viewer.ts';
import { enoughSeconds, PLAY_AGE_MAX_SECONDS } from '#lib/plays/play-rules.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { takeFromLimit } from '#lib/server/limits/limits.ts';
import { trackId } from '#lib/server/tracks/tracks-api.ts';
import { trackRemoved, trackRow } from '#lib/server/tracks/tracks.ts';
import { addPlay, listenerSince, lockListener, lockPlayCount } from './queries.ts';

type Counter = Pick<Context, 'db' | 'listeners' | 'metrics'>;

/** Nobody listens to one track for longer without beginning anew. */
const LONGEST_LISTEN_SECONDS = 24 * 60 * 60;
const SHORTEST_APART_SECONDS = 30;
const LONGEST_APART_SECONDS = 60 * 60;
/** A first report that was slow to arrive must not cost somebody who plays on and on the second one. */
const LATENESS_SECONDS = 1;
/** What players offer at most. */
const FASTEST_SPEED = 2;

/** What `POST /api/tracks/{id}/play` takes; the body may also be left out. */
export const playBody = z
	.object({
		/** seconds of the audio that were listened to, jumps left out */
		played_seconds: z.number().finite().nonnegative().max(LONGEST_LISTEN_SECONDS).optional(),
		/** how long ago that was: without a connection it could not be said at once */
		age_seconds: z.number().finite().nonnegative().max(PLAY_AGE_MAX_SECONDS).optional(),
		/** how long the listen before it was in the end, of whatever track, if it counted: for the mean */
		previous_seconds: z.number().finite().nonnegative().max(LONGEST_LISTEN_SECONDS).optional()
	})
	.strict();

/** Who says that they have listened: somebody signed in, else a browser. */
export interface Listener {
	viewer: Viewer | null;
	/** our cookie of a browser; undefined: it has none */
	cookie: string | undefined;
	/** where a browser without a cookie is, as limits know it; never kept with the play */
	clientKey: string;
}

export interface PlayResponse {
	play_count: number;
	/** false: it belongs to a play that is counted already, or is one of the artist's own */
	counted: boolean;
}

/** What came of it, and the cookie the browser is to keep. */
export interface PlayAnswer {
	body: PlayResponse;
	newCookie: string | undefined;
}

/**
 * `POST /api/tracks/{id}/play`: counts a play, once for each listener within the length of the track.
 * @param id as it stands in the address
 * @throws DomainError 404, 410 `track_removed`, 422 `not_listened_enough` and for what is no number
 */
export async function countPlay(
	ctx: Counter,
	listener: Listener,
	id: string,
	body: z.output<typeof playBody>
): Promise<PlayAnswer> {
	const { plays, listened } = ctx.metrics;
	if (body.previous_seconds !== undefined) listened.observe(body.previous_seconds);
	const answer = await countOnce(ctx, listener, id, body);
	plays.add(1, answer.body.counted ? 'counted' : 'not_counted');
	return answer;
}

async function countOnce(
	ctx: Counter,
	listener: Listener,
	id: string,
	body: z.output<typeof playBody>
): Promise<PlayAnswer> {
	const track = await trackRow(ctx, trackId(id));
	const playedSeconds = body.played_seconds ?? null;
	judge(playedSeconds, track.duration_ms);
	const uncounted = { play_count: track.play_count, counted: false };
	if (listener.viewer?.did === track.artist_did) return { body: uncounted, newCookie: undefined };
	const ageSeconds = body.age_seconds ?? 0;
	const tookSeconds = leastSeconds(playedSeconds, track.duration_ms);
	const who = await admit(ctx, listener, ageSeconds + tookSeconds);
	if (!who) return { body: uncounted, newCookie: undefined };
	const answer = await add(ctx, listener.viewer?.did ?? null, who, {
		trackId: track.id,
		listenerKey: who.key,
		...{ playedSeconds, ageSeconds },
		apartSeconds: apartSeconds(track.duration_ms),
		tookSeconds: Math.max(0, tookSeconds - LATENESS_SECONDS),
		fastest: FASTEST_SPEED
	});
	return { body: answer, newCookie: answer.counted ? who.newCookie : undefined };
}

/** @throws DomainError 422 `not_listened_enough` when a listener says themselves that it was too little */
function judge(playedSeconds: number | null, durationMs: number | null): void {
	// of what length it is nobody here knows, so whoever played it has to
	if (playedSeconds === null || durationMs === null) return;
	const enough = enoughSeconds(durationMs / 1000);
	if (playedSeconds >= enough) return;
	throw new DomainError(
		422,
		'not_listened_enough',
		`a play counts after ${Number(enough.toFixed(1))} seconds of listening; these were ${Number(playedSeconds.toFixed(1))}`
	);
}

/** Exported for its test: how far two plays of a listener are apart, at least, so that both count. */
export function apartSeconds(durationMs: number | null): number {
	const length = durationMs === null ? LONGEST_APART_SECONDS : durationMs / 1000;
	const apart = Math.min(Math.max(length, SHORTEST_APART_SECONDS), LONGEST_APART_SECONDS);
	return apart - LATENESS_SECONDS;
}

/** So long it took at least, by the clock, to listen to what is said to have been listened to. */
function leastSeconds(playedSeconds: number | null, durationMs: number | null): number {
	const heard = playedSeconds ?? enoughSeconds((durationMs ?? 0) / 1000);
	return heard / FASTEST_SPEED;
}

interface Admitted {
	key: Buffer;
	/** it is known already that they were here when they began to listen */
	wasHere?: boolean;
	/** for a browser of which a play is counted for the first time */
	newCookie?: string;
}

/**
 * Who it is whose play may be counted; null: nobody knows them well enough. A browser has a cookie from
 * its first page on, and cannot have listened for longer than that. Those of which no play was counted
 * yet are limited for each address, so that nobody makes many by throwing cookies away.
 */
async function admit(
	ctx: Counter,
	{ viewer, cookie, clientKey }: Listener,
	beganSecondsAgo: number
): Promise<Admitted | null> {
	if (viewer) return { key: ctx.listeners.keyOfPerson(viewer.did) };
	const known = ctx.listeners.browserOf(cookie ?? '');
	if (!known) {
		// ten tabs that report at once have none, all of them: of those one is taken at a time
		if (!(await hasRoom(ctx, 'unknown_listeners', clientKey))) return null;
		if (!(await hasRoom(ctx, 'new_listeners', clientKey))) return null;
		const newCookie = ctx.listeners.newCookie();
		const key = ctx.listeners.browserOf(newCookie)?.key;
		if (!key) throw new Error('a new cookie is not one of ours');
		return { key, newCookie };
	}
	const { key, visitedAtMs, listenedCookie } = known;
	if (visitedAtMs === null) return { key };
	if (Date.now() - visitedAtMs < 1_000 * beganSecondsAgo) return null;
	if (!(await hasRoom(ctx, 'new_listeners', clientKey))) return null;
	// a report without the cookie that comes with this one is most likely theirs
	await hasRoom(ctx, 'unknown_listeners', clientKey);
	return { key, newCookie: listenedCookie, wasHere: true };
}

async function hasRoom(
	ctx: Counter,
	name: 'new_listeners' | 'unknown_listeners',
	clientKey: string
): Promise<boolean> {
	try {
		await takeFromLimit(ctx, { name, key: clientKey });
		return true;
	} catch (cause) {
		if (cause instanceof DomainError && cause.code === 'limit_reached') return false;
		throw cause;
	}
}

async function add(
	{ db }: Counter,
	did: string | null,
	{ key, wasHere = false }: Admitted,
	play: Parameters<typeof addPlay>[1]
): Promise<PlayResponse> {
	return await db.transaction().execute(async (trx) => {
		await lockListener(trx, key);
		const before = await lockPlayCount(trx, play.trackId);
		if (before === undefined) throw trackRemoved();
		const playedAtMs = Date.now() - 1_000 * play.ageSeconds;
		if (play.ageSeconds > 0 && !wasHere) {
			const since = await listenerSince(trx, key, did);
			if (!since || playedAtMs < since.getTime()) return { play_count: before, counted: false };
		}
		const after = await addPlay(trx, play);
		return { play_count: after ?? before, counted: after !== undefined };
	});
}
