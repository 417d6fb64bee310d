import { makeBackup } from '#lib/server/backup/make-backup.ts';
import { listBackups, type Manifest, readManifest } from '#lib/server/backup/manifest.ts';
import type { CopyCounts } from '#lib/server/backup/copy-objects.ts';
import { type BackupPlace, openPlace } from '#lib/server/backup/place.ts';
import { sayCount, saySize } from '#lib/server/backup/progress.ts';
import { verifyBackup } from '#lib/server/backup/verify-backup.ts';
import { readConfig } from '#lib/server/config.ts';
import { readSecrets } from '#lib/server/secrets.ts';
import { type Command, fileFrom, type Terminal } from './command.ts';
import { goesAway } from './goes-away.ts';
import { interruptible } from './interruptible.ts';
import { readOptions } from './read-options.ts';
import { refuseWithoutSite } from './site-here.ts';
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
		const address = placeFrom(terminal, positionals[0] ?? '');
		const config = readConfig(terminal.env);
		// before a folder is made for it
		if (!values.list) refuseWithoutSite(config, terminal.env);
		// sign-ins are in it, and everybody's likes: it is for nobody but whoever makes it
		const umask = process.umask(0o077);
		const place = await openPlace(address, config, values.list !== true);
		try {
			if (values.list) return await list(terminal, place);
			const quiet = { ...terminal, say: () => undefined };
			const { say } = values.quiet ? quiet : terminal;
			const lost = isBucket(address) ? undefined : await goesAway(address);
			if (lost !== undefined) say(`${lost}. name another place for backups`);
			return await makeAndSay(terminal, { say }, place, values);
		} finally {
			process.umask(umask);
			await place.close();
		}
	}
};

/** Whether a place is one of a service, and no folder. */
const isBucket = (address: string): boolean => /^[a-z0-9]+:\/\//i.test(address);

/** A place as the person named it: a folder is found from where they stand. */
export const placeFrom = (terminal: Terminal, address: string): string =>
	isBucket(address) ? address : fileFrom(terminal, address);

/** The complete ones, the oldest first, with what tells a good one from one of an empty site. */
async function list({ say }: Terminal, place: BackupPlace): Promise<number> {
	for (const id of await listBackups(place)) {
		const { site, objects, database } = await readManifest(place, id);
		const tracks = database.tables.find(({ name }) => name === 'tracks')?.rows ?? 0;
		say(
			`${id}  ${site.publicUrl}  ${sayCount(tracks, 'track')}, ${sayCount(objects.count, 'object')} (${saySize(objects.sizeBytes)})`
		);
	}
	return 0;
}

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
		`${manifest.id}, of ${manifest.site.publicUrl}: ${sayCount(rows, 'row')}, ${sayCount(counts.objects, 'object')} (${saySize(counts.sizeBytes)}), ${sayCount(manifest.jobs.count, 'job')}. ${counts.copied} of the objects (${saySize(counts.copiedBytes)}) had not been copied before`,
		manifest.keys.file
			? `the keys are in it: whoever reads it can act for everybody who is signed in`
			: `the keys are not in it, and without them everybody signs in again: keep what plyr keys export says somewhere else (key ${key})`
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
