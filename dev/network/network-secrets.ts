import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileWhole } from '../write-file-whole.ts';

const networkSecrets = z.object({
	jwtSecret: z.string(),
	dpopSecret: z.string(),
	adminPassword: z.string(),
	/** secp256k1, hexadecimal: signs every change of an account's DID document */
	plcRotationKeyK256PrivateKeyHex: z.string()
});
export type NetworkSecrets = z.infer<typeof networkSecrets>;

/** The PDS's keys, made once: with other ones its accounts and sessions would be lost. */
export async function loadNetworkSecrets(dir: string): Promise<NetworkSecrets> {
	const file = path.join(dir, 'secrets.json');
	const text = await readFile(file, 'utf8').catch(() => undefined);
	if (text !== undefined) return networkSecrets.parse(JSON.parse(text));
	const secrets = {
		jwtSecret: randomBytes(32).toString('hex'),
		dpopSecret: randomBytes(32).toString('hex'),
		adminPassword: randomBytes(16).toString('hex'),
		plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex')
	};
	await writeFileWhole(file, JSON.stringify(secrets), 0o600);
	return secrets;
}
