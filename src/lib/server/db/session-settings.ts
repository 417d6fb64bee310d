import type postgres from 'postgres';
import { type Config, ConfigError } from '#lib/server/config.ts';
import { type OWN_SETTINGS, variables } from '#lib/server/config-variables.ts';

type Options = Config['database'];

/** What holds for every session of ours, by PostgreSQL's names; times in milliseconds. */
export const sessionSettings = ({ statementTimeoutMs }: Options) =>
	({
		statement_timeout: statementTimeoutMs,
		// its table is made as large as all rows would need, for the few that a page has
		enable_memoize: 'off',
		idle_in_transaction_session_timeout: 60_000
	}) satisfies Record<(typeof OWN_SETTINGS)[number], string | number>;

const wanted = (options: Options): [name: string, value: string][] =>
	Object.entries(sessionSettings(options)).map(([name, value]) => [name, String(value)]);

/** Those of our settings that do not hold where `sql` leads, as `name = what it is there`. */
export async function lostSettings(sql: postgres.Sql, options: Options): Promise<string[]> {
	const settings = wanted(options);
	const rows = await sql<{ name: string; setting: string }[]>`
		select name, setting from pg_settings where name in ${sql(settings.map(([name]) => name))}`;
	const held = new Map(rows.map(({ name, setting }) => [name, setting]));
	return settings
		.filter(([name, value]) => held.get(name) !== value)
		.map(([name]) => `${name} = ${held.get(name)}`);
}

/** Any number, as long as all use the same. */
const KEEPING = 8_117_402_552;

/**
 * Makes our settings those of the role, in this database, when it is reached through a pooler: that refuses
 * them when a connection is made, and forgets them when they are set later. Every role may do so for
 * itself, nothing has to be said with each query, and poolers nobody can configure have them as well.
 * What a pooler has connected before stays as it is until it connects anew.
 * @param direct leads past the pooler
 */
export async function keepSettings(direct: postgres.Sql, options: Options): Promise<void> {
	if (options.pooler === 'none') return;
	const statements = wanted(options)
		.map(
			([name, value]) => `execute format('alter role %I in database %I set ${name} = %L',
			current_user, current_database(), '${value}');`
		)
		.join('\n');
	const kept = await roleSettings(direct);
	if (wanted(options).every((one) => kept.includes(one.join('=')))) return;
	// two at once would be "tuple concurrently updated"
	const turn = `perform pg_advisory_xact_lock(${KEEPING});`;
	await direct.unsafe(`do $$ begin ${turn} ${statements} end $$`).simple();
}

/** As `name=value`: what a role has set for itself in this database. */
export async function roleSettings(direct: postgres.Sql): Promise<string[]> {
	const rows = await direct<{ setting: string }[]>`
		select unnest(setconfig) as setting from pg_db_role_setting
		where setrole = current_user::regrole
			and setdatabase = (select oid from pg_database where datname = current_database())`;
	return rows.map(({ setting }) => setting);
}

/**
 * Locks and notifications need sessions of ours: through a transaction pooler they would be lost without
 * a word.
 * @throws ConfigError when a connection that ought to be a session does not keep what it was told
 */
export async function refuseForgetful(direct: postgres.Sql, options: Options): Promise<void> {
	const lost = await lostSettings(direct, options).catch((cause: unknown) => {
		if (isRefusedSetting(cause)) return [cause.message];
		throw cause;
	});
	if (lost.length === 0) return;
	const isKnown = options.pooler === 'transaction';
	const variable = isKnown ? 'DATABASE_DIRECT_URL' : 'DATABASE_POOLER';
	const leads = isKnown ? 'leads' : 'is not set, and DATABASE_URL leads';
	const also = isKnown ? '' : ', and also of one in session mode it is said so';
	const reason = `${leads} through a pooler, not to the database itself (${lost.join(', ')})${also}`;
	throw new ConfigError([{ variable, reason, example: variables[variable].example }]);
}

/** What PgBouncer says to a parameter of a new connection that it does not know. */
export const isRefusedSetting = (cause: unknown): cause is Error =>
	cause instanceof Error && /unsupported startup parameter/.test(cause.message);
