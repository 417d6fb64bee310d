import path from 'node:path';
import type { Lifetime } from '../lifetime.ts';
import { Problem } from '../problem.ts';
import { runTied } from '../run/run-tied.mjs';

/** Below node_modules, where it finds what cannot be a part of it. */
export const NETWORK_PROGRAM = path.resolve('node_modules/.cache/test-network/network.mjs');

/**
 * Makes the program of the local network one file, for all that is started from now on: nearly every
 * system test starts a network, and finding and reading the 3,900 modules of a PDS costs each of
 * them two seconds of a processor.
 */
export async function bundleNetwork(lifetime: Lifetime): Promise<void> {
	const bundling = runTied(process.execPath, ['dev/testing/bundle-network.ts']);
	lifetime.onEnd(() => bundling.stop());
	const { succeeded, output } = await bundling.done;
	if (lifetime.isEnding()) return;
	if (!succeeded) throw new Problem(`${output}\nthe local network could not be bundled`);
	process.env['PLYR_NETWORK_PROGRAM'] = NETWORK_PROGRAM;
}
