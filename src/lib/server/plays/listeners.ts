import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** Tells listeners apart without naming them: what is kept of them says nothing without our secret. */
export interface Listeners {
	/** the key plays of a signed-in person are kept under */
	keyOfPerson(did: string): Buffer;
	/** the key of a browser by its cookie; undefined: the cookie is none of ours */
	keyOfCookie(cookie: string): Buffer | undefined;
	/** a cookie for a browser that has none */
	newCookie(): string;
}

const KEY_BYTES = 16;
const ID_BYTES = 16;

/**
 * A cookie is random bytes and their signature, so that nobody makes listeners up.
 * @param secrets the site's keys; cookies signed with any of them are known, so that a key can be
 * replaced; everybody is a new listener once then
 */
export function createListeners(secrets: Buffer[]): Listeners {
	const [newest] = secrets;
	if (!newest) throw new Error('at least one key is needed');
	// keys of their own: nothing signed here is of use where the secret serves something else
	const derive = (secret: Buffer, use: string) =>
		Buffer.from(hkdfSync('sha256', secret, '', `plyr ${use}`, 32));
	const hashing = derive(newest, 'listener key');
	const signing = secrets.map((secret) => derive(secret, 'listener cookie'));
	const hash = (key: Buffer, text: string) =>
		createHmac('sha256', key).update(text).digest().subarray(0, KEY_BYTES);
	const keyOf = (who: string) => hash(hashing, who);

	return {
		keyOfPerson: (did) => keyOf(`person ${did}`),
		keyOfCookie(cookie) {
			const [, id, signature] = /^([\w-]{22})\.([\w-]{22})$/.exec(cookie) ?? [];
			if (id === undefined || signature === undefined) return undefined;
			const given = Buffer.from(signature, 'base64url');
			const isOurs = signing.some((key) => timingSafeEqual(hash(key, id), given));
			return isOurs ? keyOf(`browser ${id}`) : undefined;
		},
		newCookie() {
			const id = randomBytes(ID_BYTES).toString('base64url');
			return `${id}.${hash(signing[0] ?? newest, id).toString('base64url')}`;
		}
	};
}
