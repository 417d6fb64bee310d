import { DomainError, invalid } from '#lib/server/errors.ts';

/** The version of the protocol that is spoken: https://tus.io/protocols/resumable-upload */
export const TUS_VERSION = '1.0.0';

export const TUS_EXTENSIONS = 'creation,creation-with-upload,termination,expiration,checksum';

/** What a chunk must hash to, as its sender says. */
export interface ChunkChecksum {
	algorithm: 'sha256';
	digest: Buffer;
}

/**
 * Reads a length or an offset.
 * @returns undefined when the header is absent
 * @throws DomainError 400 `bad_header`
 */
export function readCount(headers: Headers, name: string): number | undefined {
	const value = headers.get(name);
	if (value === null) return undefined;
	// 15 digits are below 2^53
	if (/^\d{1,15}$/.test(value)) return Number(value);
	throw invalid('bad_header', `${name} must be a whole number of bytes`);
}

/**
 * Reads Upload-Metadata: `key base64value` pairs, separated by commas.
 * @throws DomainError 400 `bad_metadata`
 */
export function readMetadata(header: string | null): Map<string, string> {
	const metadata = new Map<string, string>();
	if (header === null || header.trim() === '') return metadata;
	for (const pair of header.split(',')) {
		const [key = '', value = '', ...rest] = pair.trim().split(' ');
		const fits = /^[\x21-\x7e]+$/.test(key) && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
		if (!fits || rest.length > 0 || metadata.has(key)) {
			throw invalid(
				'bad_metadata',
				'Upload-Metadata must be pairs of a key and a base64 value, each key once'
			);
		}
		metadata.set(key, Buffer.from(value, 'base64').toString('utf8'));
	}
	return metadata;
}

/** The same as a header again. */
export function writeMetadata(metadata: Record<string, string | undefined>): string {
	return Object.entries(metadata)
		.filter((pair): pair is [string, string] => pair[1] !== undefined)
		.map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
		.join(',');
}

/**
 * Reads Upload-Checksum: an algorithm and the base64 of its digest.
 * @throws DomainError 400 `bad_checksum`
 */
export function readChecksum(header: string | null): ChunkChecksum | undefined {
	if (header === null) return undefined;
	const [algorithm, encoded = ''] = header.trim().split(' ');
	if (algorithm !== 'sha256') throw invalid('bad_checksum', 'the checksum must be a sha256');
	const digest = Buffer.from(encoded, 'base64');
	if (digest.length === 32) return { algorithm, digest };
	throw invalid('bad_checksum', 'the checksum must be 32 bytes in base64');
}

/** 460 of the checksum extension: what arrived is not what was sent. */
export const checksumMismatch = () =>
	new DomainError(
		460,
		'checksum_mismatch',
		'this part arrived damaged, so nothing of it was kept. send it again'
	);
