import { createHash, randomBytes } from 'node:crypto';

/** 32 random bytes in base64url: 43 characters nobody guesses. */
export const makeSecretId = () => randomBytes(32).toString('base64url');

/** What the database keeps of a secret id; it cannot be turned back. */
export const hashSecretId = (id: string) => createHash('sha256').update(id).digest('hex');
