import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Who uses a cluster, in words for whoever wants it as well; null when nobody does. A server of this
 * machine is known by its number. To another container with the same volume numbers say nothing, nor does
 * PostgreSQL see there that its folder is taken: that one is known by what answers at its socket.
 */
export async function findHolder(cluster: string, socketDir: string): Promise<string | null> {
	const pid = runningServer(cluster);
	if (pid !== null) return `another process (pid ${pid})`;
	return (await answers(path.join(socketDir, '.s.PGSQL.5432'))) ? 'another container' : null;
}

/**
 * Waits for the server of a start that was killed a moment ago, which is on its way out.
 * @throws Error naming the holder when it stays: it is somebody else's
 */
export async function waitForFormerHolder(cluster: string, socketDir: string): Promise<void> {
	for (let tries = 0; ; tries++) {
		const holder = await findHolder(cluster, socketDir);
		if (holder === null) return;
		if (tries > 100) throw new Error(`${holder} already uses the database in ${cluster}`);
		await sleep(50);
	}
}

function runningServer(cluster: string): number | null {
	try {
		const pid = Number(
			fs.readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]
		);
		return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(cluster) ? pid : null;
	} catch {
		// no pid file, or no such process: nobody is there
		return null;
	}
}

function answers(socketFile: string): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = net.connect(socketFile);
		const end = (isThere: boolean) => {
			socket.destroy();
			resolve(isThere);
		};
		socket.once('connect', () => end(true));
		// no such file, or one that a killed server left; any other reason is no proof that nobody is there
		socket.once('error', ({ code }: NodeJS.ErrnoException) =>
			end(code !== 'ENOENT' && code !== 'ECONNREFUSED')
		);
	});
}
