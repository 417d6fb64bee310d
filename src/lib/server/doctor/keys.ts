import { checkClientKeys } from '#lib/server/atproto/client-metadata.ts';
import { countReadableGrants } from '#lib/server/atproto/sealed-rows.ts';
import type { Config } from '#lib/server/config.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { readSecrets } from '#lib/server/secrets.ts';
import { fault, type Finding, note, ok, reasonOf } from './finding.ts';

/** The keys can be read, and are those that people have signed in with. */
export async function examineKeys(config: Config, db: Db): Promise<Finding[]> {
	let secrets;
	try {
		secrets = await readSecrets(config);
		if (config.isSecure) checkClientKeys(secrets);
	} catch (cause) {
		return [
			fault('keys', reasonOf(cause), 'put the keys back from a backup, or make new ones: plyr keys')
		];
	}
	const { looked, opened } = await countReadableGrants(db, secrets);
	if (looked > 0 && opened === 0) {
		return [
			fault(
				'keys',
				`they open none of the ${looked} newest sign-ins in the database`,
				'put the former key into OAUTH_ENCRYPTION_KEY, behind the new one, separated by a comma'
			)
		];
	}
	if (opened < looked) {
		return [
			note(
				'keys',
				`they open ${opened} of the ${looked} newest sign-ins`,
				'put the key before the last one back; whoever it signed in has to do so again otherwise'
			)
		];
	}
	return [ok('keys', looked === 0 ? 'nobody has signed in yet' : 'they open the newest sign-ins')];
}
