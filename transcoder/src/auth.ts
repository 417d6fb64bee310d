import { createHash, timingSafeEqual } from 'node:crypto';

function digest(text: string): Buffer {
	return createHash('sha256').update(text, 'utf8').digest();
}

/**
 * Whether a request with this `X-Transcoder-Key` may use the service.
 *
 * `token` null means the anonymous development switch is on. Digests are compared, so the time
 * taken tells neither the length nor a prefix of the token.
 */
export function mayUse(key: string | string[] | undefined, token: string | null): boolean {
	if (token === null) return true;
	if (typeof key !== 'string') return false;
	return timingSafeEqual(digest(key), digest(token));
}
