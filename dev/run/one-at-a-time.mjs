import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const TRY_AGAIN_MS = 300;

/**
 * An abstract unix socket is a lock that cannot be left behind: it is gone with its process.
 * @param {string} name
 * @returns {Promise<import('node:net').Server | undefined>} undefined when somebody else has it
 */
function tryLock(name) {
	const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
	return new Promise((resolve, reject) => {
		const server = createServer((socket) => socket.destroy());
		server.once('error', (error) => {
			if ('code' in error && error.code === 'EADDRINUSE') resolve(undefined);
			else reject(error);
		});
		server.listen(`\0plyr-${digest}`, () => resolve(server));
	});
}

/**
 * Does something while no other process on this machine does the same.
 * @param {string} name
 * @param {() => void} onWait called once when somebody else is at it
 * @param {() => Promise<void>} action
 */
export async function oneAtATime(name, onWait, action) {
	let lock = await tryLock(name);
	if (!lock) onWait();
	while (!lock) {
		await sleep(TRY_AGAIN_MS);
		lock = await tryLock(name);
	}
	try {
		await action();
	} finally {
		lock.close();
	}
}
