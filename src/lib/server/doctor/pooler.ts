import type { Config } from '#lib/server/config.ts';
import { isRefusedSetting, lostSettings, roleSettings } from '#lib/server/db/session-settings.ts';
import type { ExaminedDatabase } from './database.ts';
import { fault, type Finding, ok, reasonOf } from './finding.ts';

const NAME_ITSELF = 'let it name the host and port of PostgreSQL itself';

/** Whether sessions of ours are that, and what a pooler connects has our settings. */
export async function examinePooler(
	{ database: options }: Config,
	{ sql, direct }: ExaminedDatabase
): Promise<Finding[]> {
	const isPooled = options.pooler === 'transaction';
	const variable = isPooled ? 'DATABASE_DIRECT_URL' : 'DATABASE_URL';
	let lost: string[];
	try {
		lost = await lostSettings(direct, options);
	} catch (cause) {
		if (isRefusedSetting(cause)) return [leadsThroughPooler(variable, cause.message)];
		const says = `past the pooler it cannot be reached: ${reasonOf(cause)}`;
		return [fault('database', says, `correct ${variable}: ${NAME_ITSELF}`)];
	}
	if (lost.length > 0) return [leadsThroughPooler(variable, lost.join(', '))];
	if (!isPooled) return [];
	const without = await lostSettings(sql, options);
	if (without.length === 0) return [ok('database', 'it is reached through a pooler, and past it')];
	const says = `what comes through the pooler lacks our settings (${without.join(', ')})`;
	const kept = await roleSettings(direct);
	const cure =
		kept.length < without.length
			? 'run: plyr migrate'
			: "have the pooler connect anew (RECONNECT in PgBouncer's console), and let both addresses name the same role, and every process the same DATABASE_STATEMENT_TIMEOUT_SECONDS";
	return [fault('database', says, cure)];
}

const leadsThroughPooler = (variable: string, reason: string): Finding =>
	fault(
		'database',
		`${variable} leads through a pooler: ${reason}`,
		variable === 'DATABASE_URL'
			? 'set DATABASE_POOLER=transaction, and DATABASE_DIRECT_URL to the database itself'
			: NAME_ITSELF
	);
