import { z } from 'zod';
import type { Viewer } from '#lib/auth/viewer.ts';
import { enoughSeconds } from '#lib/plays/play-rules.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { takeFromLimit } from '#lib/server/limits/limits.ts';
import { trackId } from '#lib/server/tracks/tracks-api.ts';
import { trackRemoved, trackRow } from '#lib/server/tracks/tracks.ts';
import { addPlay, lockPlayCount } from './queries.ts';

type Counter = Pick<Context, 'db' | 'listeners'>;

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
		played_seconds: z.number().finite().nonnegative().max(LONGEST_LISTEN_SECONDS).optional()
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
	const track = await trackRow(ctx, trackId(id));
	const playedSeconds = body.played_seconds ?? null;
	judge(playedSeconds, track.duration_ms);
	const uncounted = { play_count: track.play_count, counted: false };
	if (listener.viewer?.did === track.artist_did) return { body: uncounted, newCookie: undefined };
	const known = knownListener(ctx, listener);
	if (!known && !(await isNewListener(ctx, listener, track.id))) {
		return { body: uncounted, newCookie: undefined };
	}
	const newCookie = known ? undefined : ctx.listeners.newCookie();
	const listenerKey = known ?? ctx.listeners.keyOfCookie(newCookie ?? '');
	if (!listenerKey) throw new Error('a new cookie is not one of ours');
	const answer = await add(ctx, {
		trackId: track.id,
		listenerKey,
		playedSeconds,
		apartSeconds: apartSeconds(track.duration_ms),
		fastest: FASTEST_SPEED
	});
	return { body: answer, newCookie: answer.counted ? newCookie : undefined };
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

const knownListener = ({ listeners }: Counter, { viewer, cookie }: Listener): Buffer | undefined =>
	viewer ? listeners.keyOfPerson(viewer.did) : listeners.keyOfCookie(cookie ?? '');

/**
 * Whether a browser without a cookie is somebody new. Ten tabs that report at once have none yet,
 * all of them: of those at an address one is taken at a time, for each track.
 */
async function isNewListener(
	ctx: Counter,
	{ clientKey }: Listener,
	trackId: number
): Promise<boolean> {
	try {
		await takeFromLimit(ctx, { name: 'new_listeners', key: `${trackId}:${clientKey}` });
		return true;
	} catch (cause) {
		if (cause instanceof DomainError && cause.code === 'limit_reached') return false;
		throw cause;
	}
}

const add = ({ db }: Counter, play: Parameters<typeof addPlay>[1]): Promise<PlayResponse> =>
	db.transaction().execute(async (trx) => {
		const before = await lockPlayCount(trx, play.trackId);
		if (before === undefined) throw trackRemoved();
		const after = await addPlay(trx, play);
		return { play_count: after ?? before, counted: after !== undefined };
	});
