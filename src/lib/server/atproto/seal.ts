import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Encrypts what is kept in the database and must not be readable from a copy of it. */
export interface Seal {
	/** @param row names the place the ciphertext is kept at; it opens nowhere else */
	close(plaintext: string, row: string): Buffer;
	/** The plaintext, or undefined when no key of ours opens it there: rotated away, moved or damaged. */
	open(sealed: Buffer, row: string): string | undefined;
	/** Whether the key that closes now has closed it. */
	isNewest(sealed: Buffer): boolean;
}

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;

/**
 * AES-256-GCM (NIST SP 800-38D). A sealed value is: version, id of the key, nonce, tag, ciphertext.
 * The header and the row's name are authenticated with it.
 * @param keys 32 bytes each; the first one closes, all of them open
 */
export function createSeal(keys: Buffer[]): Seal {
	const ring = keys.map((key) => ({ key, id: keyId(key) }));
	const [newest] = ring;
	if (!newest) throw new Error('at least one encryption key is needed');
	return {
		close(plaintext, row) {
			const header = Buffer.concat([Buffer.from([VERSION]), newest.id]);
			const nonce = randomBytes(NONCE_BYTES);
			const cipher = createCipheriv('aes-256-gcm', newest.key, nonce);
			cipher.setAAD(associated(header, row));
			const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
			return Buffer.concat([header, nonce, cipher.getAuthTag(), ciphertext]);
		},
		open(sealed, row) {
			if (sealed.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || sealed[0] !== VERSION) {
				return undefined;
			}
			const id = sealed.subarray(1, HEADER_BYTES);
			const held = ring.find((entry) => entry.id.equals(id));
			return held && decipher(sealed, held.key, row);
		},
		isNewest: (sealed) => sealed.subarray(1, HEADER_BYTES).equals(newest.id)
	};
}

function decipher(sealed: Buffer, key: Buffer, row: string): string | undefined {
	const tagAt = HEADER_BYTES + NONCE_BYTES;
	const nonce = sealed.subarray(HEADER_BYTES, tagAt);
	const options = { authTagLength: TAG_BYTES };
	const opened = createDecipheriv('aes-256-gcm', key, nonce, options);
	opened.setAAD(associated(sealed.subarray(0, HEADER_BYTES), row));
	opened.setAuthTag(sealed.subarray(tagAt, tagAt + TAG_BYTES));
	try {
		const start = opened.update(sealed.subarray(tagAt + TAG_BYTES));
		return Buffer.concat([start, opened.final()]).toString('utf8');
	} catch {
		// node says no more than that the tag does not fit
		return undefined;
	}
}

/** Tells keys apart without telling anything about them. */
const keyId = (key: Buffer) =>
	createHash('sha256').update('plyr key id').update(key).digest().subarray(0, KEY_ID_BYTES);

const associated = (header: Buffer, row: string) => Buffer.concat([header, Buffer.from(row)]);
