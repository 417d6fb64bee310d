import { readStored, store } from '#lib/safe-storage.ts';

/** A play nobody has answered yet. */
export interface UnsentPlay {
	trackId: number;
	listenedSeconds: number;
	/** of the listen before it, in the end */
	previousSeconds?: number | undefined;
	/** when it was listened to, ms since 1970 */
	atMs: number;
}

const STORED = 'unsent_plays';
/** The oldest go when there are more. */
const KEPT_MAX = 500;

/** What was listened to without a connection, in earlier pages too, the oldest first. */
export function unsentPlays(): UnsentPlay[] {
	try {
		const plays: unknown = JSON.parse(readStored(STORED) ?? '[]');
		return Array.isArray(plays) ? plays.filter(isUnsentPlay) : [];
	} catch {
		return [];
	}
}

/** Whether there is any, most likely. */
export const hasUnsentPlays = (): boolean => (readStored(STORED) ?? '[]') !== '[]';

/** Keeps a play until it is answered. */
export function keepUnsent(play: UnsentPlay): void {
	store(STORED, JSON.stringify([...unsentPlays(), play].slice(-KEPT_MAX)));
}

/** It was answered: it is counted, or never will be. */
export function forgetUnsent({ trackId, atMs }: UnsentPlay): void {
	const isOther = (play: UnsentPlay) => play.trackId !== trackId || play.atMs !== atMs;
	store(STORED, JSON.stringify(unsentPlays().filter(isOther)));
}

function isUnsentPlay(play: unknown): play is UnsentPlay {
	if (typeof play !== 'object' || play === null) return false;
	const { trackId, listenedSeconds, atMs } = play as Partial<UnsentPlay>;
	return Number.isInteger(trackId) && Number.isFinite(listenedSeconds) && Number.isFinite(atMs);
}
