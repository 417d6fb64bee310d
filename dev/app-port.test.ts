import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { assertPortIsFree } from './app-port.ts';
import { claimDataDir } from './only-start.ts';
import { findPortHolder } from './port-holder.ts';
import { Problem } from './problem.ts';
import { reservePort } from './network/reserve-port.ts';

const LISTEN = `const server = require('node:net').createServer();
	server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;

describe('a taken port', () => {
	it('is refused with the number and the command of the process that holds it', async () => {
		const stranger = spawn(process.execPath, ['-e', LISTEN, 'i-am-the-stranger']);
		try {
			const [line] = (await once(stranger.stdout, 'data')) as [Buffer];
			const port = Number(line.toString());
			assert.equal(findPortHolder(port)?.pid, stranger.pid);
			await assert.rejects(assertPortIsFree(port, '127.0.0.1'), (error) => {
				assert.ok(error instanceof Problem);
				assert.match(error.message, new RegExp(`port ${port} is held by process ${stranger.pid}`));
				assert.match(error.message, /choose another port: PORT=/);
				return true;
			});
		} finally {
			stranger.kill('SIGKILL');
		}
	});

	it('is not one that is free', async () => {
		const { port, listener } = await reservePort([0]);
		listener.close();
		await once(listener, 'close');
		await assertPortIsFree(port, '127.0.0.1');
		assert.equal(findPortHolder(port), undefined);
	});

	it('is passed over where any port will do', async () => {
		const first = await reservePort([0]);
		const second = await reservePort([first.port, first.port + 1, 0]);
		assert.notEqual(second.port, first.port);
		first.listener.close();
		second.listener.close();
	});
});

describe('a data folder', () => {
	it('belongs to one start at a time, and the second is told where the first is', async () => {
		const folder = `/nowhere/${process.pid}`;
		await claimDataDir(folder, 'http://127.0.0.1:4321');
		await assert.rejects(claimDataDir(folder, 'http://127.0.0.1:9999'), (error) => {
			assert.ok(error instanceof Problem);
			assert.match(error.message, new RegExp(`127.0.0.1:4321 \\(process ${process.pid}\\)`));
			return true;
		});
	});
});
