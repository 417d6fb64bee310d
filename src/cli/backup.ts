import { makeBackup } from '#lib/server/backup/make-backup.ts';
import { listBackups, type Manifest } from '#lib/server/backup/manifest.ts';
import type { CopyCounts } from '#lib/server/backup/copy-objects.ts';
import { type BackupPlace, openPlace } from '#lib/server/backup/place.ts';
import { sayCount, saySize } from '#lib/server/backup/progress.ts';
import { verifyBackup } from '#lib/server/backup/verify-backup.ts';
import { readConfig } from '#lib/server/config.ts';
import { readSecrets } from '#lib/server/secrets.ts';
import type { Command, Terminal } from './command.ts';
import { interruptible } from './interruptible.ts';
import { readOptions } from './read-options.ts';
import { withStored } from './with-stored.ts';

export const backup: Command = {
	usage: 'backup <place> [--verify] [--with-keys] [--quiet] [--list]',
	what: 'copy everything the site is made of, while it runs, to a folder or s3://bucket/prefix',
	async run(args, terminal) {
		const options = {
			verify: { type: 'boolean' },
			'with-keys': { type: 'boolean' },
			quiet: { type: 'boolean' },
			list: { type: 'boolean' }
		} as const;
		const { values, positionals } = readOptions(args, options, { atLeast: 1, atMost: 1 });
		// sign-ins are in it, and everybody's likes: it is for nobody but whoever makes it
		const umask = process.umask(0o077);
		const place = await openPlace(
			positionals[0] ?? '',
			readConfig(terminal.env),
			values.list !== true
		);
		try {
			if (values.list) {
				for (const id of await listBackups(place)) terminal.say(id);
				return 0;
			}
			const quiet = { ...terminal, say: () => undefined };
			return await makeAndSay(terminal, values.quiet ? quiet : terminal, place, values);
		} finally {
			process.umask(umask);
			await place.close();
		}
	}
};

async function makeAndSay(
	terminal: Terminal,
	{ say }: Pick<Terminal, 'say'>,
	place: BackupPlace,
	options: { verify?: boolean; 'with-keys'?: boolean }
): Promise<number> {
	const onProgress = (text: string) => terminal.showProgress?.(text);
	return await interruptible(terminal, async (signal) => {
		const { manifest, counts } = await withStored(terminal, async (stored) => {
			const { config, address, storage } = stored;
			const secrets = await readSecrets(config);
			const original = { config, address, db: stored.connection.db, storage, secrets };
			const hasKeys = options['with-keys'] ?? false;
			return await makeBackup(original, place, { hasKeys, signal, onProgress });
		});
		for (const line of summary(manifest, counts)) say(line);
		const lacking = counts.missing + counts.damaged;
		if (lacking > 0) {
			terminal.say(
				`${sayCount(counts.missing, 'object')} the database speaks of ${counts.missing === 1 ? 'is' : 'are'} not in the storage, and ${counts.damaged} not as ${counts.damaged === 1 ? 'it was' : 'they were'} stored. plyr audit names them, and what helps`
			);
		}
		const isWhole = !options.verify || (await verifyAndSay(terminal, say, place, manifest, signal));
		return isWhole && lacking === 0 ? 0 : 1;
	});
}

function summary(manifest: Manifest, counts: CopyCounts): string[] {
	const rows = manifest.database.tables.reduce((sum, table) => sum + table.rows, 0);
	const [key] = manifest.keys.encryption;
	return [
		`${manifest.id}: ${sayCount(rows, 'row')}, ${sayCount(counts.objects, 'object')} (${saySize(counts.sizeBytes)}), ${sayCount(manifest.jobs.count, 'job')}. ${counts.copied} of the objects (${saySize(counts.copiedBytes)}) had not been copied before`,
		manifest.keys.file
			? `the keys are in it: whoever reads it can act for everybody who is signed in`
			: `the keys are not in it, and without them everybody signs in again: keep a copy of DATA_DIR/keys, or of OAUTH_ENCRYPTION_KEY and OAUTH_CLIENT_KEYS, somewhere else (key ${key})`
	];
}

/** Reads all of a backup. @returns whether it can be restored */
export async function verifyAndSay(
	terminal: Terminal,
	say: Terminal['say'],
	place: BackupPlace,
	manifest: Manifest,
	signal: AbortSignal
): Promise<boolean> {
	const onProgress = (text: string) => terminal.showProgress?.(text);
	const found = await verifyBackup(place, manifest, { signal, onProgress });
	for (const problem of found.problems) terminal.say(problem);
	if (found.problemCount > 0) {
		terminal.say(
			`${manifest.id} is not whole: ${sayCount(found.problemCount, 'file')} cannot be read back. make a new backup, in another place if this one loses files`
		);
		return false;
	}
	say(
		`${manifest.id} was read back: ${sayCount(found.objects, 'object')} (${saySize(found.sizeBytes)}), every byte as it was written`
	);
	return true;
}
