import { refusalOf } from '#lib/refusal.ts';

export const TUS_ENDPOINT = '/api/uploads/tus';
const LIMIT_MS = 30_000;

/**
 * Has the server take a file on before its first byte is sent (tus creation): from here on the
 * artist sees it on every device.
 * @param metadata tus Upload-Metadata: filename, path, modified, release_id, release_position; replaces_track_id, rights_confirmed
 * @returns its id
 * @throws RefusedError; TypeError or DOMException when nobody answered
 */
export async function beginUpload(
	file: File,
	metadata: Record<string, string>,
	signal: AbortSignal
): Promise<string> {
	const response = await fetch(TUS_ENDPOINT, {
		method: 'POST',
		headers: {
			accept: 'application/json',
			'tus-resumable': '1.0.0',
			'upload-length': String(file.size),
			'upload-metadata': encodeMetadata(metadata)
		},
		signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])
	});
	if (!response.ok) throw await refusalOf(response);
	return uploadIdOf(response.headers.get('location') ?? '');
}

/** The id is the last part of the address. */
const uploadIdOf = (address: string): string =>
	new URL(address, location.href).pathname.split('/').at(-1) ?? '';

/** `key base64` pairs; names of files are in every script there is. */
function encodeMetadata(metadata: Record<string, string>): string {
	return Object.entries(metadata)
		.map(([key, value]) => {
			const bytes = new TextEncoder().encode(value);
			return `${key} ${btoa(String.fromCharCode(...bytes))}`;
		})
		.join(',');
}
