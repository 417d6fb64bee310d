import type { Track } from '#lib/tracks/track.ts';

/** Parts of a track of the same length, each told by one byte. */
const PEAK_COUNT = 1800;

/** How loud a track is from part to part, 0..255; null when nobody knows, or cannot be asked now. */
export async function askPeaks(
	{ fileId }: Pick<Track, 'fileId'>,
	signal: AbortSignal
): Promise<Uint8Array | null> {
	try {
		const answer = await fetch(`/audio/${fileId}/peaks`, { signal });
		if (!answer.ok) return null;
		const peaks = new Uint8Array(await answer.arrayBuffer());
		return peaks.length === PEAK_COUNT ? peaks : null;
	} catch {
		// a track without them is drawn as a plain bar
		return null;
	}
}
