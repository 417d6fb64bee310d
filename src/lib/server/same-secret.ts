import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();

/**
 * Whether what somebody sent is the secret. How long it takes tells nothing of the secret, not even
 * its length: digests are compared, to the last byte.
 */
export const isSameSecret = (given: string | undefined, secret: string): boolean =>
	given !== undefined && timingSafeEqual(digest(given), digest(secret));
