import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type NetworkOptions, startNetwork } from '../network/start-network.ts';

export type RunningNetwork = Awaited<ReturnType<typeof startNetwork>>;

/** Where the test run keeps what its files share; without one every network is made from nothing. */
const shelf = process.env['PLYR_TEST_SHELF'];

/**
 * Starts a local network in an empty folder as a copy of the one the first test file of the run
 * made: alice.test, bob.test and carol.test exist already and only move to its address. It saves
 * half a second of a processor.
 */
export async function startTestNetwork(options: NetworkOptions): Promise<RunningNetwork> {
	if (shelf) await layReadyNetwork(shelf, options.dir);
	return await startNetwork(options);
}

async function layReadyNetwork(parent: string, dir: string): Promise<void> {
	const ready = path.join(parent, 'network');
	if (!existsSync(ready)) await makeReady(parent, ready);
	await mkdir(dir, { recursive: true });
	const copied = spawnSync('cp', ['-a', '--reflink=auto', `${ready}/.`, dir], { encoding: 'utf8' });
	if (copied.status !== 0) throw new Error(`the network was not copied: ${copied.stderr}`);
}

async function makeReady(parent: string, ready: string): Promise<void> {
	const dir = await mkdtemp(path.join(parent, 'making-'));
	const network = await startNetwork({ dir });
	await network.stop();
	// each copy takes ports of its own
	await rm(path.join(dir, 'ports.json'));
	// two files may be the first: who comes second leaves the other's in place
	await rename(dir, ready).catch(() => undefined);
	await rm(dir, { recursive: true, force: true });
}
