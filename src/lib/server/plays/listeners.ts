import {
	createHmac,
	createSecretKey,
	hkdfSync,
	type KeyObject,
	randomUUID,
	timingSafeEqual
} from 'node:crypto';

/** Tells listeners apart without naming them: what is kept of them says nothing without our secret. */
export interface Listeners {
	/** the key plays of a signed-in person are kept under */
	keyOfPerson(did: string): Buffer;
	/** a browser by its cookie; undefined: the cookie is none of ours */
	browserOf(cookie: string): KnownBrowser | undefined;
	/** a cookie for a browser that has none and opens a page */
	visitCookie(nowMs?: number): string;
	/** a cookie for a browser that has none and has listened */
	newCookie(): string;
}

/** A browser that was here before. */
export interface KnownBrowser {
	/** the key its plays are kept under */
	key: Buffer;
	/** when it opened its first page, ms since 1970; null: a play of it was counted since */
	visitedAtMs: number | null;
	/** its cookie when one is */
	listenedCookie: string;
}

const KEY_BYTES = 16;

/**
 * A cookie is random bytes and their signature, so that nobody makes listeners up. In between is when it
 * was given out (seconds since 1970, base 36), until a play was counted.
 * @param secrets the site's keys; cookies signed with any of them are known, so that a key can be
 * replaced; everybody is a new listener once then
 */
export function createListeners(secrets: Buffer[]): Listeners {
	const [newest] = secrets;
	if (!newest) throw new Error('at least one key is needed');
	// keys of their own: nothing signed here is of use where the secret serves something else
	const derive = (secret: Buffer, use: string) =>
		createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `plyr ${use}`, 32)));
	const hashing = derive(newest, 'listener key');
	const signing = secrets.map((secret) => derive(secret, 'listener cookie'));
	const hash = (key: KeyObject, text: string) =>
		createHmac('sha256', key).update(text).digest().subarray(0, KEY_BYTES);
	const signed = (said: string) =>
		`${said}.${hash(signing[0] ?? hashing, said).toString('base64url')}`;
	const keyOf = (who: string) => hash(hashing, who);

	return {
		keyOfPerson: (did) => keyOf(`person ${did}`),
		browserOf(cookie) {
			const [, said, id, time, signature] =
				/^(([\w-]{22})(?:\.([\da-z]{1,9}))?)\.([\w-]{22})$/.exec(cookie) ?? [];
			if (said === undefined || id === undefined || signature === undefined) return undefined;
			const given = Buffer.from(signature, 'base64url');
			if (!signing.some((key) => timingSafeEqual(hash(key, said), given))) return undefined;
			const visitedAtMs = time === undefined ? null : 1_000 * Number.parseInt(time, 36);
			// when they are wanted: every page asks whether it knows its browser, and nothing else
			return {
				get key() {
					return keyOf(`browser ${id}`);
				},
				visitedAtMs,
				get listenedCookie() {
					return signed(id);
				}
			};
		},
		visitCookie: (nowMs = Date.now()) =>
			signed(`${newId()}.${Math.floor(nowMs / 1_000).toString(36)}`),
		newCookie: () => signed(newId())
	};
}

/** As many random digits as an identifier has; node makes many of those with one call into the system. */
const newId = () => Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
