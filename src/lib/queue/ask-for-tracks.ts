import { type TrackJson, trackFromJson } from '#lib/tracks/track-json.ts';
import type { AskForTracks } from './known-tracks.svelte.ts';

const ASK_LIMIT_MS = 10_000;

/** `GET /api/tracks/?ids=`. */
export const askForTracks: AskForTracks = async (ids) => {
	const response = await fetch(`/api/tracks/?ids=${ids.join(',')}`, {
		headers: { accept: 'application/json' },
		signal: AbortSignal.timeout(ASK_LIMIT_MS)
	});
	if (!response.ok) throw new Error(`the tracks were not answered: ${response.status}`);
	const { tracks } = (await response.json()) as { tracks: TrackJson[] };
	return tracks.map(trackFromJson);
};
