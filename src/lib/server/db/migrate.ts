import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import type { Db } from './connect.ts';

/**
 * Reads `<UTC timestamp>-<slug>.ts` from a folder, in the order of their names. Each is loaded when
 * it is carried out: most starts have none to carry out.
 */
function migrationsIn(folder: string): MigrationProvider {
	return {
		async getMigrations() {
			const names = (await readdir(folder)).filter((n) =>
				/^\d{8}T\d{6}-.+(?<!\.test)\.ts$/.test(n)
			);
			return Object.fromEntries(
				names
					.sort()
					.map((name) => [name.replace(/\.ts$/, ''), migrationIn(path.join(folder, name))])
			);
		}
	};
}

const migrationIn = (file: string): Migration => ({
	async up(db) {
		const migration = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Migration;
		await migration.up(db);
	}
});

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
