import { createHash } from 'node:crypto';
import { chmod, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { readConfig } from '#lib/server/config.ts';
import { connectDatabase } from '#lib/server/db/connect.ts';
import { joinEmbeddedPostgres } from '#lib/server/db/embedded-postgres.ts';
import { createStorage } from '#lib/server/storage/create-storage.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { sql } from 'kysely';
import { startChild } from '../../dev/child.ts';
import { runPlyr } from '../../src/cli/run-plyr.ts';

/** Types a command. @returns what it said, and its exit code */
export async function plyr(
	env: NodeJS.ProcessEnv,
	args: string[],
	around: { signal?: AbortSignal; showProgress?: (text: string) => void } = {}
): Promise<{ code: number; said: string }> {
	const lines: string[] = [];
	const code = await runPlyr(args, { env, say: (line) => lines.push(line), ...around });
	return { code, said: lines.join('\n') };
}

/** The command as an operator runs it: a process of its own, with nothing but this environment. */
export async function typePlyr(
	env: NodeJS.ProcessEnv,
	...args: string[]
): Promise<{ code: number | null; said: string }> {
	const child = startChild(['src/cli/plyr.ts', ...args], env);
	const said = await Promise.all([text(child.stdout), text(child.stderr)]);
	return { code: (await child.exited).code, said: said.join('') };
}

/** An empty folder that the user PostgreSQL runs as can reach. */
export async function emptyFolder(): Promise<string> {
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-backup-'));
	await chmod(dir, 0o711);
	return dir;
}

export const removeFolder = (dir: string) => rm(dir, { recursive: true, force: true });

/** What an operator does before a restore: the keys were kept somewhere else. */
export const copyKeys = (from: string, to: string) =>
	cp(path.join(from, 'keys'), path.join(to, 'keys'), { recursive: true });

/** Does something with the database of a site that does not run. */
export async function withDatabase<T>(
	env: NodeJS.ProcessEnv,
	act: (db: Db) => Promise<T>
): Promise<T> {
	const config = readConfig(env);
	const dir = path.join(config.dataDir, 'postgres');
	const server = await joinEmbeddedPostgres(dir, () => undefined);
	const connection = connectDatabase(server.address, config.database);
	try {
		return await act(connection.db);
	} finally {
		await connection.close(1);
		await server.stop();
	}
}

/** Of the database itself: when it was made, and whether a backup is under way. */
const NOT_KEPT = ['kysely_migration', 'object_holds'];

/** Every table with a hash of its rows, and how far its sequences are. */
export async function tableHashes(db: Db): Promise<Record<string, string>> {
	const { rows: tables } = await sql<{ name: string }>`
		select relname as name from pg_class
		where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`.execute(db);
	const hashes: Record<string, string> = {};
	for (const { name } of tables) {
		if (NOT_KEPT.includes(name)) continue;
		const { rows } = await sql<{ rows: number; hash: string | null }>`
			select count(*) as rows, md5(string_agg(one::text, '|' order by one::text)) as hash
			from ${sql.table(name)} one`.execute(db);
		hashes[name] = `${rows[0]?.rows} ${rows[0]?.hash}`;
	}
	const { rows: sequences } = await sql<{ name: string; value: number | null }>`
		select sequencename as name, last_value as value from pg_sequences
		where schemaname = 'public' order by 1`.execute(db);
	for (const { name, value } of sequences) hashes[name] = String(value);
	return hashes;
}

/** The hash of every object of a site's storage, staged ones too, by key. */
export async function objectHashes(env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
	const storage = await createStorage(readConfig(env).storage);
	const hashes: Record<string, string> = {};
	const hashOf = async (chunks: AsyncIterable<Uint8Array>) => {
		const hash = createHash('sha256');
		for await (const chunk of chunks) hash.update(chunk);
		return hash.digest('hex');
	};
	try {
		for await (const { key } of storage.list('')) {
			// drawn anew when somebody asks
			if (!key.startsWith('og/')) hashes[key] = await hashOf(await storage.read(key));
		}
		for await (const { id } of storage.staging.list()) {
			hashes[`staged ${id}`] = await hashOf(await storage.staging.read(id));
		}
		return Object.fromEntries(Object.entries(hashes).sort(([a], [b]) => (a < b ? -1 : 1)));
	} finally {
		await storage.close();
	}
}
