import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { migrationNames } from './migrate.ts';

/** The sha-256 of each migration that somebody may have carried out: it never changes again. */
const FILE = 'frozen.json';
const frozenHashes = z.record(z.string().regex(/^[0-9a-f]{64}$/));

async function readFrozen(folder: string): Promise<Record<string, string>> {
	return frozenHashes.parse(JSON.parse(await readFile(path.join(folder, FILE), 'utf8')));
}

async function hashOf(folder: string, name: string): Promise<string> {
	const content = await readFile(path.join(folder, `${name}.ts`));
	return createHash('sha256').update(content).digest('hex');
}

/**
 * What is wrong with the migrations of a folder, a sentence each: one that was changed or removed after
 * it was frozen, one that is older than those, one that is not frozen.
 */
export async function migrationProblems(folder = path.resolve('migrations')): Promise<string[]> {
	const frozen = await readFrozen(folder);
	const names = await migrationNames(folder);
	const last = Object.keys(frozen).sort().at(-1) ?? '';
	const problems = Object.keys(frozen)
		.filter((name) => !names.includes(name))
		.map((name) => `${name} is gone, and databases have had it: put it back`);
	for (const name of names) {
		const known = frozen[name];
		if (known === undefined) {
			problems.push(
				name < last
					? `${name} comes before ${last}, which databases have had: give it a later time`
					: `${name} is not frozen: freeze it when it is ready to land`
			);
		} else if (known !== (await hashOf(folder, name))) {
			problems.push(`${name} was changed, and databases have had it: undo that, and add a new one`);
		}
	}
	return problems;
}

/**
 * Writes down those that are new; those that were frozen before stay as they were written down.
 * @returns their names
 */
export async function freezeMigrations(folder = path.resolve('migrations')): Promise<string[]> {
	const frozen = await readFrozen(folder);
	const added = (await migrationNames(folder)).filter((name) => !(name in frozen));
	for (const name of added) frozen[name] = await hashOf(folder, name);
	const inOrder = Object.fromEntries(Object.entries(frozen).sort(([a], [b]) => (a < b ? -1 : 1)));
	await writeFile(path.join(folder, FILE), JSON.stringify(inOrder, null, '\t') + '\n');
	return added;
}
