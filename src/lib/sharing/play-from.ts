import type { Listening } from '#lib/player/listening.svelte.ts';
import type { Player } from '#lib/player/player.svelte.ts';
import type { Track } from '#lib/tracks/track.ts';

/** Plays a track or pauses it; begun on a page that names a moment, it starts there. Call it inside the gesture. */
export function toggleFrom(
	track: Track,
	startSeconds: number | null,
	{ listening, player }: { listening: Listening; player: Player }
): void {
	const isNew = !player.has(track);
	listening.toggle(track);
	if (isNew && startSeconds !== null) player.seekTo(startSeconds);
}
