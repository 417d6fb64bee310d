import { type Manifest, readManifest } from '#lib/server/backup/manifest.ts';
import { type BackupPlace, openPlace } from '#lib/server/backup/place.ts';
import { sayCount, saySize } from '#lib/server/backup/progress.ts';
import { type PutCounts, putObjects } from '#lib/server/backup/put-objects.ts';
import { restoreBackup } from '#lib/server/backup/restore-backup.ts';
import { readConfig } from '#lib/server/config.ts';
import { placeFrom, verifyAndSay } from './backup.ts';
import { type Command, CommandError, type Terminal } from './command.ts';
import { interruptible } from './interruptible.ts';
import { readOptions } from './read-options.ts';
import { withStored } from './with-stored.ts';

export const restore: Command = {
	usage: 'restore <place> [--backup <id>] [--check | --missing | --without-keys]',
	what: 'make a site of a backup, in an empty database and storage; put back what is --missing',
	async run(args, terminal) {
		const options = {
			backup: { type: 'string' },
			check: { type: 'boolean' },
			missing: { type: 'boolean' },
			'without-keys': { type: 'boolean' }
		} as const;
		const { values, positionals } = readOptions(args, options, { atLeast: 1, atMost: 1 });
		if (values.check && values.missing) {
			throw new CommandError('--check reads only, and --missing writes: one of them');
		}
		const place = await openPlace(
			placeFrom(terminal, positionals[0] ?? ''),
			readConfig(terminal.env),
			false
		);
		try {
			const manifest = await readManifest(place, values.backup);
			return await interruptible(terminal, async (signal) => {
				if (values.check) {
					return (await verifyAndSay(terminal, terminal.say, place, manifest, signal)) ? 0 : 1;
				}
				if (values.missing) return await putBack(terminal, place, manifest, signal);
				const canBeOtherKeys = values['without-keys'] ?? false;
				return await restoreAll(terminal, place, manifest, { canBeOtherKeys, signal });
			});
		} finally {
			await place.close();
		}
	}
};

async function restoreAll(
	terminal: Terminal,
	place: BackupPlace,
	manifest: Manifest,
	options: { canBeOtherKeys: boolean; signal: AbortSignal }
): Promise<number> {
	const { say } = terminal;
	const onProgress = (text: string) => terminal.showProgress?.(text);
	say(`${manifest.id}, of ${manifest.site.publicUrl} as it was at ${manifest.takenAt}`);
	const restored = await withStored(
		terminal,
		(stored) => restoreBackup(stored, place, manifest, { ...options, onProgress }),
		{ isNew: true }
	);
	const { objects, kept, sizeBytes, rows, jobs, migrated, forgotten } = restored;
	const before = kept === 0 ? '' : `, ${kept} had been before`;
	say(
		`${sayCount(rows, 'row')} and ${sayCount(objects, 'object')} (${saySize(sizeBytes)}) are restored${before}; ${sayCount(jobs, 'job')} ${jobs === 1 ? 'waits' : 'wait'}`
	);
	if (migrated > 0) say(`${sayCount(migrated, 'migration')} came after the backup`);
	if (forgotten > 0) {
		say(`${sayCount(forgotten, 'sign-in')} no key opens: those people sign in again`);
	}
	const { publicUrl } = readConfig(terminal.env);
	if (publicUrl !== manifest.site.publicUrl) {
		say(`sign-ins are for ${manifest.site.publicUrl}: under ${publicUrl} everybody signs in again`);
	}
	const isWhole = sayLost(say, restored);
	say('start the site. plyr audit compares it with what is stored and with the network');
	return isWhole ? 0 : 1;
}

/** Of a site that runs: what its rows speak of and its storage has lost. */
async function putBack(
	terminal: Terminal,
	place: BackupPlace,
	manifest: Manifest,
	signal: AbortSignal
): Promise<number> {
	const onProgress = (text: string) => terminal.showProgress?.(text);
	const counts = await withStored(terminal, ({ connection, storage }) => {
		const parts = { db: connection.db, storage, place, manifest, signal, onProgress };
		return putObjects({ ...parts, onlyNamed: true });
	});
	const { objects, sizeBytes, kept } = counts;
	terminal.say(
		`${sayCount(objects, 'lost object')} (${saySize(sizeBytes)}) ${objects === 1 ? 'is' : 'are'} back; ${kept} were there`
	);
	return sayLost(terminal.say, counts) ? 0 : 1;
}

function sayLost(say: Terminal['say'], { lost, lostCount }: PutCounts): boolean {
	if (lostCount === 0) return true;
	for (const key of lost) say(`not in the backup: ${key}`);
	say(
		`${sayCount(lostCount, 'object')} could not be restored. an earlier backup may have them: --backup`
	);
	return false;
}
