import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'vite';
import { NETWORK_PROGRAM } from './network-program.ts';

// Puts the program of the local network and every package it loads into one file.

/** Compiled code: a file of the machine's own, which cannot be a part of it. */
const external = ['better-sqlite3'];

const folder = path.dirname(NETWORK_PROGRAM);
await mkdir(folder, { recursive: true });
const outDir = await mkdtemp(path.join(folder, 'making-'));
await build({
	configFile: false,
	logLevel: 'error',
	ssr: { noExternal: true, external },
	build: {
		ssr: 'dev/network/network.ts',
		target: 'node24',
		outDir,
		minify: false,
		reportCompressedSize: false,
		rolldownOptions: {
			external,
			output: { entryFileNames: 'network.mjs', codeSplitting: false }
		}
	}
});
// another test run may be reading the one before
await rename(path.join(outDir, 'network.mjs'), NETWORK_PROGRAM);
await rm(outDir, { recursive: true });
