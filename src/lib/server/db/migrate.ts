import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import type { Db } from './connect.ts';

/** Reads `<UTC timestamp>-<slug>.ts` from a folder, in the order of their names. */
function migrationsIn(folder: string): MigrationProvider {
	return {
		async getMigrations() {
			const names = (await readdir(folder)).filter((n) =>
				/^\d{8}T\d{6}-.+(?<!\.test)\.ts$/.test(n)
			);
			const migrations: Record<string, Migration> = {};
			for (const name of names.sort()) {
				const file = pathToFileURL(path.join(folder, name)).href;
				migrations[name.replace(/\.ts$/, '')] = (await import(
					/* @vite-ignore */ file
				)) as Migration;
			}
			return migrations;
		}
	};
}

/**
 * Brings the database to the newest form. Several processes may call it at once: kysely takes a
 * lock, the others wait and find nothing to do.
 * @param folder where the migrations are; `migrations` of the working directory by default
 * @returns the names of the migrations that were applied
 */
export async function migrateToLatest(
	db: Db,
	folder = path.resolve('migrations')
): Promise<string[]> {
	const migrator = new Migrator({ db, provider: migrationsIn(folder) });
	const { error, results = [] } = await migrator.migrateToLatest();
	if (error) {
		const failed = results.find((r) => r.status === 'Error')?.migrationName ?? 'the first one';
		throw new Error(`migration ${failed} failed; the database is as it was before it`, {
			cause: error
		});
	}
	return results.map((r) => r.migrationName);
}
