import { buffer } from 'node:stream/consumers';
import type { Config } from '#lib/server/config.ts';
import {
	hasSecrets,
	keepSecrets,
	keyFingerprint,
	readSecrets,
	type Secrets
} from '#lib/server/secrets.ts';
import { z } from 'zod';
import { readFile } from './lines.ts';
import type { Manifest } from './manifest.ts';
import type { BackupPlace } from './place.ts';
import { BackupProblem } from './problem.ts';

const keptKeys = z.object({
	encryptionKeys: z.array(z.string()),
	clientKeys: z.array(z.record(z.string(), z.unknown()))
});

/**
 * The keys of the site that a backup is put into: its own, those of the backup when it has none and they
 * came along, or new ones.
 * @param canBeOthers whether everybody may have to sign in again
 * @throws BackupProblem when they open none of the sign-ins in the backup
 */
export async function keysFor(
	config: Config,
	place: BackupPlace,
	manifest: Manifest,
	canBeOthers: boolean
): Promise<Secrets> {
	if (!hasSecrets(config)) {
		const { file } = manifest.keys;
		if (file) await keepSecrets(config, await readKeys(place, manifest.id, file));
		else if (!canBeOthers) throw noKeys(config, manifest, 'there are none here');
	}
	const secrets = await readSecrets(config);
	const own = secrets.encryptionKeys.map(keyFingerprint);
	const isKnown = manifest.keys.encryption.some((fingerprint) => own.includes(fingerprint));
	if (isKnown || canBeOthers) return secrets;
	throw noKeys(config, manifest, `the one here is ${own.join(', ')}`);
}

async function readKeys(
	place: BackupPlace,
	backupId: string,
	file: NonNullable<Manifest['keys']['file']>
): Promise<Secrets> {
	const bytes = await buffer(readFile(place, backupId, file));
	const { encryptionKeys, clientKeys } = keptKeys.parse(JSON.parse(bytes.toString('utf8')));
	return {
		encryptionKeys: encryptionKeys.map((key) => Buffer.from(key, 'base64')),
		clientKeys: clientKeys as unknown as Secrets['clientKeys']
	};
}

function noKeys({ dataDir, database }: Config, { keys }: Manifest, here: string): BackupProblem {
	const where =
		database.url === undefined
			? `bring those of the former site (plyr keys import, of what plyr keys export said there; or its folder keys/, into ${dataDir})`
			: 'give the OAUTH_ENCRYPTION_KEY and OAUTH_CLIENT_KEYS of the former site';
	return new BackupProblem(
		`the sign-ins of this backup are opened by the key ${keys.encryption.join(', ')}, and ${here}. ${where}. if it is lost, add --without-keys: everybody signs in again then`
	);
}
