import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { Problem } from './problem.ts';

/** An abstract unix socket is gone with its process: nothing to clean up after a crash. */
const socketOf = (dataDir: string): string =>
	`\0plyr-data-${createHash('sha256').update(dataDir).digest('hex').slice(0, 32)}`;

/**
 * Makes this the only start that works with a data folder, until the process ends.
 * @throws Problem saying where the other one is to be found
 */
export async function claimDataDir(dataDir: string, url: string): Promise<void> {
	const server = createServer((socket) => {
		socket.on('error', () => undefined);
		socket.end(`${url} (process ${process.pid})`);
	});
	try {
		server.listen(socketOf(dataDir));
		await once(server, 'listening');
		server.unref();
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
		const other = await text(connect(socketOf(dataDir)).setTimeout(1000));
		throw new Problem(
			`plyr.fm already runs with the data in ${dataDir}: ${other}. stop it, or give this one a folder of its own: DATA_DIR=.data-2 PORT=3100 npm start`
		);
	}
}
