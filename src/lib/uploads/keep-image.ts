import { type Obstacles, patiently } from './patiently.ts';
import { refusalOf } from '#lib/refusal.ts';

const LIMIT_MS = 120_000;
/** Whoever waits for it sees that it is not there yet. */
const WAITING: Obstacles = { oninterrupted: () => undefined, onpaused: () => undefined };

/**
 * Sends artwork ahead of its track, as tus carries one file only. Returns the id under which the
 * track's upload refers to it.
 * @throws RefusedError when it is no picture, or too large
 */
export async function keepImage(image: File): Promise<string> {
	const signal = AbortSignal.timeout(LIMIT_MS);
	const attempt = async () => {
		const response = await fetch('/api/images', {
			method: 'POST',
			body: image,
			headers: { accept: 'application/json', 'content-type': 'application/octet-stream' },
			signal
		});
		if (!response.ok) throw await refusalOf(response);
		const { image_id: imageId } = (await response.json()) as { image_id: string };
		return imageId;
	};
	return await patiently(attempt, WAITING, signal);
}
