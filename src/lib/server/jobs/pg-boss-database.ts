import type { Db as BossDatabase } from 'pg-boss';
import type postgres from 'postgres';
import { answered } from '#lib/server/db/sockets.ts';
import { isConnectionLost } from '#lib/server/db/unavailable.ts';

type Runner = postgres.Sql | postgres.ReservedSql;

/** Statements that must stay on one connection: a transaction is spread over several of them. */
const NEEDS_ONE_CONNECTION = /^\s*(begin|--|set|lock)/im;

/**
 * Lets pg-boss use our pool. It sends statements in node-postgres' form: `$1` with values, or
 * several statements at once without; the rows of all of them count as the answer.
 * @param direct listens: the same, or past a pooler
 */
export function bossDatabase(sql: postgres.Sql, direct: postgres.Sql = sql): BossDatabase {
	return {
		executeSql: (text, values) => run(sql, text, values),
		async listen(channel, onNotification, onReconnect) {
			let isFirst = true;
			const subscription = await direct.listen(channel, onNotification, () => {
				if (!isFirst) onReconnect();
				isFirst = false;
			});
			return { close: () => subscription.unlisten() };
		}
	};

	async function run(runner: Runner, text: string, values?: unknown[]) {
		if (values?.length) {
			// node-postgres takes an absent value for null, and so does pg-boss
			const parameters = values.map((value) => value ?? null) as postgres.ParameterOrJSON<never>[];
			const asking = runner.unsafe(text, parameters, { prepare: false });
			return { rows: [...(await answered(sql, asking))] };
		}
		if (runner !== sql || !NEEDS_ONE_CONNECTION.test(text)) {
			return { rows: (await answered(sql, runner.unsafe(text).simple())).flat() };
		}
		let isLost = false;
		const reserved = await sql.reserve();
		try {
			return await run(reserved, text);
		} catch (cause) {
			// a lost connection cannot be asked nor given back: the client would end the process
			isLost = isConnectionLost(cause);
			// a script that failed half-way has left its transaction open, and the connection goes back
			if (!isLost) await reserved.unsafe('rollback').simple();
			throw cause;
		} finally {
			if (!isLost) reserved.release();
		}
	}
}
