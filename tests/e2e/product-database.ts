import { readFile } from 'node:fs/promises';
import path from 'node:path';
import postgres from 'postgres';
import type { RunningProduct } from './running-product.ts';

const SOCKET_LINE = 4;

/** The database of a running product, beside it. Call `end` before the product stops. */
export async function openProductDatabase({
	dataDir
}: Pick<RunningProduct, 'dataDir'>): Promise<postgres.Sql> {
	const pid = path.join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
	const lines = (await readFile(pid, 'utf8')).split('\n');
	const host = lines[SOCKET_LINE] ?? '';
	return postgres({ host, port: 5432, user: 'plyr', database: 'postgres', max: 1 });
}
