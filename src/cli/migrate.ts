import path from 'node:path';
import { type Config, readConfig } from '#lib/server/config.ts';
import { connectDirectly, type DatabaseAddress } from '#lib/server/db/connect.ts';
import { joinEmbeddedPostgres } from '#lib/server/db/embedded-postgres.ts';
import { freezeMigrations, migrationProblems } from '#lib/server/db/frozen-migrations.ts';
import { migrateToLatest, migrationNames, pendingMigrations } from '#lib/server/db/migrate.ts';
import { keepSettings, refuseForgetful } from '#lib/server/db/session-settings.ts';
import type { Command, Terminal } from './command.ts';
import { readOptions } from './read-options.ts';

export const migrate: Command = {
	usage: 'migrate [--pending | --check | --freeze]',
	what: 'bring the database to the form this version needs',
	async run(args, terminal) {
		const { values } = readOptions(args, {
			pending: { type: 'boolean' },
			check: { type: 'boolean' },
			freeze: { type: 'boolean' }
		});
		if (values.check) return await check(terminal);
		if (values.freeze) return await freeze(terminal);
		return await carryOut(terminal, values.pending ?? false);
	}
};

/** For whoever changes the code: migrations that databases have had stay as they are. */
async function check({ say }: Terminal): Promise<number> {
	const problems = await migrationProblems();
	for (const problem of problems) say(problem);
	if (problems.length === 0) say('the migrations are as databases have had them');
	return problems.length === 0 ? 0 : 1;
}

async function freeze({ say }: Terminal): Promise<number> {
	for (const name of await freezeMigrations()) say(`frozen: ${name}`);
	return 0;
}

async function carryOut({ env, say }: Terminal, isOnlyAsked: boolean): Promise<number> {
	const config = readConfig(env);
	const server =
		config.database.url === undefined
			? await joinEmbeddedPostgres(path.join(config.dataDir, 'postgres'), () => undefined)
			: { address: config.database.url, stop: () => Promise.resolve() };
	try {
		if (isOnlyAsked) {
			const connection = connectDirectly(server.address, config.database);
			const pending = await pendingMigrations(connection.db, await migrationNames());
			await connection.close();
			for (const name of pending) say(name);
			return 0;
		}
		await withSettings(server.address, config.database);
		const applied = await migrateToLatest(server.address, config.database);
		for (const name of applied) say(`applied: ${name}`);
		if (applied.length === 0) say('the database is as this version needs it');
		return 0;
	} finally {
		await server.stop();
	}
}

/** What the server does for sessions that are not ours, behind a pooler; before anything else is asked. */
async function withSettings(address: DatabaseAddress, config: Config['database']): Promise<void> {
	if (config.url === undefined) return;
	const connection = connectDirectly(address, { ...config, poolSize: 2 });
	try {
		await refuseForgetful(connection.sql, config);
		await keepSettings(connection.sql, config);
	} finally {
		await connection.close();
	}
}
