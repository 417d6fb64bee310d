import { InvalidKey } from './errors.ts';

/** Everything below this belongs to staging; no published key begins with it. */
export const STAGING_FOLDER = 'staging';

/** Objects that are written to see whether the storage works; nothing refers to them. */
export const KEY_FOLDER_OF_PROBES = 'probes';

const MAX_KEY_LENGTH = 512;
const MAX_SEGMENT_LENGTH = 200;

// no leading dot: no `.`, no `..`, and room for unfinished files that no key can name
const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
const STAGING_ID = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Accepts the key of a published object: segments of letters, digits, `.`, `_` and `-` joined by
 * `/`, none beginning with a dot, the first not `staging` in any case (some filesystems ignore it).
 * @throws InvalidKey
 */
export function assertKey(key: string): void {
	const segments = key.split('/');
	const fits =
		key.length <= MAX_KEY_LENGTH &&
		segments.every((segment) => SEGMENT.test(segment) && segment.length <= MAX_SEGMENT_LENGTH) &&
		segments[0]?.toLowerCase() !== STAGING_FOLDER;
	if (!fits) throw new InvalidKey(key);
}

/**
 * Accepts the beginning of keys: '' or something that a key can begin with.
 * @throws InvalidKey
 */
export function assertPrefix(prefix: string): void {
	if (prefix !== '') assertKey(prefix.endsWith('/') ? `${prefix}x` : prefix);
}

/**
 * Accepts the id of a staged upload: 1 to 128 letters, digits, `_` and `-`.
 * @throws InvalidKey
 */
export function assertStagingId(id: string): void {
	if (!STAGING_ID.test(id)) throw new InvalidKey(id);
}
