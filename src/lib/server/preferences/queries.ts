import type { Updateable } from 'kysely';
import type { PreferencesJson } from '#lib/preferences/preferences-json.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { PreferencesTable } from '#lib/server/db/schema.ts';

const COLUMNS = [
	'accent_color',
	'theme',
	'auto_advance',
	'gapless',
	'crossfade_seconds',
	'level_volume',
	'reduced_data',
	'show_explicit_artwork',
	'skip_explicit'
] as const;

export async function findPreferences(db: Db, did: string): Promise<PreferencesJson | undefined> {
	return await db
		.selectFrom('preferences')
		.select(COLUMNS)
		.where('did', '=', did)
		.executeTakeFirst();
}

/**
 * Changes what somebody has chosen.
 * @param first what is written when they had chosen nothing before, beside the change
 */
export async function writePreferences(
	db: Db,
	did: string,
	change: Updateable<PreferencesTable>,
	first: PreferencesJson
): Promise<PreferencesJson> {
	return await db
		.insertInto('preferences')
		.values({ ...first, ...change, did })
		.onConflict((conflict) =>
			conflict.column('did').doUpdateSet({ ...change, updated_at: new Date() })
		)
		.returning(COLUMNS)
		.executeTakeFirstOrThrow();
}
