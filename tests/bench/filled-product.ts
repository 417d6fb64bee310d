import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { hashSecretId, makeSecretId } from '#lib/server/auth/secret-id.ts';
import { startChild } from '../../dev/child.ts';
import { SERVER_COMMAND, serverEnvironment } from '../../dev/server-command.ts';
import { openProductDatabase } from '../e2e/product-database.ts';
import { freePort } from '../free-port.ts';
import { FAN_DID, fillLargeSet, type SetSize } from './large-set.ts';

/** The built product with a set of tracks in its own database. */
export interface FilledProduct {
	url: string;
	/** of somebody who likes many tracks */
	cookie: string;
	/** what is asked for, by the kind of page: many of each, so that no one page is looked at alone */
	paths: Record<string, string[]>;
	stop: () => Promise<void>;
}

const READY_LIMIT_MS = 60_000;
const PATHS = 200;
const SEARCHED = ['love', 'silver garden', 'the lov', 'shadwo', 'night river', 'golden empty'];

/**
 * Starts it with empty folders, without its jobs, and fills it.
 * @param kept where the set stays for the next time; a folder that goes with the run when left out
 */
export async function startFilledProduct(size: SetSize, kept?: string): Promise<FilledProduct> {
	const dir = await folderOf(size, kept);
	const dataDir = path.join(dir, 'data');
	const filledMark = path.join(dir, 'filled');
	const url = `http://127.0.0.1:${await freePort()}`;
	const app = startChild(SERVER_COMMAND, {
		...serverEnvironment(dataDir),
		PATH: process.env['PATH'],
		LOG_LEVEL: 'warn',
		HOST: '127.0.0.1',
		PORT: new URL(url).port,
		DATA_DIR: dataDir,
		ROLES: 'web',
		// everybody who asks comes from somewhere else, as the limits are for one person
		TRUSTED_PROXY_COUNT: '1',
		DEV_ALLOW_INSECURE_NETWORK: 'true',
		APP_STOP_ON_STDIN_END: 'true'
	});
	app.stdout.pipe(process.stderr, { end: false });
	app.stderr.pipe(process.stderr, { end: false });
	const stop = async () => {
		await app.stop(10_000);
		if (kept === undefined) await rm(dir, { recursive: true, force: true });
	};
	try {
		await waitUntilReady(url);
		const sql = await openProductDatabase({ dataDir });
		if (!existsSync(filledMark)) {
			await fillLargeSet(sql, size);
			await writeFile(filledMark, '');
		}
		const cookie = await startSession(sql);
		const paths = await findPaths(sql);
		await sql.end();
		return { url, cookie, paths, stop };
	} catch (cause) {
		await stop();
		throw cause;
	}
}

async function folderOf({ tracks }: SetSize, kept: string | undefined): Promise<string> {
	const dir =
		kept === undefined
			? await mkdtemp(path.join(tmpdir(), 'plyr-pages-'))
			: path.resolve(kept, String(tracks));
	await mkdir(dir, { recursive: true });
	// the database of a run by root is another user's
	await chmod(dir, 0o711);
	return dir;
}

async function waitUntilReady(url: string): Promise<void> {
	const giveUpAt = Date.now() + READY_LIMIT_MS;
	while (!(await fetch(`${url}/ready`).catch(() => undefined))?.ok) {
		if (Date.now() > giveUpAt) throw new Error('the product did not start');
		await sleep(100);
	}
}

/** As a sign-in leaves it. */
async function startSession(sql: postgres.Sql): Promise<string> {
	const id = makeSecretId();
	await sql`insert into sessions (id_hash, did, handle, expires_at)
		values (${hashSecretId(id)}, ${FAN_DID}, 'listener0.example.social', now() + interval '1 day')`;
	return `session_id=${id}`;
}

async function findPaths(sql: postgres.Sql): Promise<Record<string, string[]>> {
	const tracks = await sql<{ path: string }[]>`
		select '/track/' || id as path from tracks order by hashint8(id) limit ${PATHS}`;
	const artists = await sql<{ path: string }[]>`
		select '/u/' || handle as path from artists order by hashtext(did) limit ${PATHS}`;
	const albums = await sql<{ path: string }[]>`
		select '/u/' || handle || '/album/' || slug as path
		from albums join artists on did = artist_did order by hashtext(did || slug) limit ${PATHS}`;
	const only = (rows: readonly { path: string }[]) => rows.map(({ path: one }) => one);
	return {
		home: ['/'],
		track: only(tracks),
		artist: only(artists),
		album: only(albums),
		liked: ['/liked'],
		search: SEARCHED.map((q) => `/search?q=${encodeURIComponent(q)}`),
		'/api/tracks/': ['/api/tracks/']
	};
}
