import { refusalOf } from './refusal.ts';

const LIMIT_MS = 120_000;

/**
 * Sends artwork ahead of its track, as tus carries one file only. Returns the id under which the
 * track's upload refers to it.
 * @throws RefusedError when it is no picture, or too large
 */
export async function keepImage(image: File): Promise<string> {
	const response = await fetch('/api/images', {
		method: 'POST',
		body: image,
		headers: { accept: 'application/json', 'content-type': 'application/octet-stream' },
		signal: AbortSignal.timeout(LIMIT_MS)
	});
	if (!response.ok) throw await refusalOf(response);
	const { image_id: imageId } = (await response.json()) as { image_id: string };
	return imageId;
}
