import type { Track } from '#lib/tracks/track.ts';
import type { Listening } from './listening.svelte.ts';
import type { Player } from './player.svelte.ts';
import { systemArtwork } from './system-artwork.ts';

const SEEK_STEP_S = 10;
const SKIPPING = ['previoustrack', 'nexttrack'] as const;
const SEEKING = ['seekbackward', 'seekforward', 'seekto'] as const;

/**
 * Shows the player on the lock screen, on the keyboard's media keys and in the system's media
 * panel. Returns how to let go of them; does nothing where the browser has no such thing.
 */
export function offerMediaControls(player: Player): () => void {
	if (!('mediaSession' in navigator)) return () => undefined;
	const session = navigator.mediaSession;
	const handlers: Partial<Record<MediaSessionAction, MediaSessionActionHandler>> = {
		play: () => player.resume(),
		pause: () => player.pause(),
		stop: () => player.pause()
	};
	const actions = Object.keys(handlers) as MediaSessionAction[];
	for (const action of actions) setHandler(session, action, handlers[action] ?? null);
	return () => {
		for (const action of [...actions, ...SKIPPING, ...SEEKING]) setHandler(session, action, null);
		session.metadata = null;
		session.playbackState = 'none';
	};
}

/** Offers the system's jumps, only while it is known how long the track is. */
export function offerSeeking(player: Player, canSeek: boolean): void {
	if (!('mediaSession' in navigator)) return;
	const handlers: Record<(typeof SEEKING)[number], MediaSessionActionHandler> = {
		seekbackward: ({ seekOffset }) => player.seekBy(-(seekOffset ?? SEEK_STEP_S)),
		seekforward: ({ seekOffset }) => player.seekBy(seekOffset ?? SEEK_STEP_S),
		seekto: ({ seekTime }) => {
			if (seekTime !== undefined) player.seekTo(seekTime);
		}
	};
	for (const action of SEEKING) {
		setHandler(navigator.mediaSession, action, canSeek ? handlers[action] : null);
	}
}

/** Offers the system's keys for previous and next, only while they can do something. */
export function offerSkipping(listening: Listening, hasTrack: boolean): void {
	if (!('mediaSession' in navigator)) return;
	const session = navigator.mediaSession;
	setHandler(session, 'previoustrack', hasTrack ? () => listening.previous() : null);
	setHandler(session, 'nexttrack', hasTrack && listening.canGoOn ? () => listening.next() : null);
}

/** Tells the system what is loaded and whether it plays. */
export function describeToSystem(player: Player): void {
	if (!('mediaSession' in navigator)) return;
	const { track } = player;
	const session = navigator.mediaSession;
	session.playbackState = track ? (player.isGoing ? 'playing' : 'paused') : 'none';
	session.metadata = track
		? new MediaMetadata({
				title: track.title,
				artist: track.artist.displayName,
				album: track.album?.title ?? '',
				// outside the page nothing is blurred
				artwork: isVeiled(track) ? [] : systemArtwork(track, location.href)
			})
		: null;
}

const isVeiled = ({ isExplicit }: Track): boolean =>
	isExplicit && document.documentElement.dataset['explicit'] !== 'shown';

/** Tells the system where playback is, so that its own slider can run along. */
export function positionToSystem({
	positionSeconds,
	durationSeconds: duration,
	speed: playbackRate
}: Pick<Player, 'positionSeconds' | 'durationSeconds' | 'speed'>): void {
	if (!('mediaSession' in navigator)) return;
	const isKnown = Number.isFinite(duration) && duration > 0 && Number.isFinite(positionSeconds);
	const position = Math.min(Math.max(0, positionSeconds), duration);
	navigator.mediaSession.setPositionState(
		isKnown ? { duration, position, playbackRate } : undefined
	);
}

/** A browser throws at an action it has never heard of (W3C Media Session): it then lacks that key. */
function setHandler(
	session: MediaSession,
	action: MediaSessionAction,
	handler: MediaSessionActionHandler | null
): void {
	try {
		session.setActionHandler(action, handler);
	} catch (cause) {
		if (!(cause instanceof TypeError)) throw cause;
	}
}
