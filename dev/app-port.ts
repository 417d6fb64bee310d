import { once } from 'node:events';
import { createServer } from 'node:net';
import { findPortHolder } from './port-holder.ts';
import { Problem } from './problem.ts';

const LONGEST_COMMAND = 200;

/**
 * The port the app is wished on: PORT, else 3000. Undefined when PORT is none: start the server with
 * it then, which says so together with everything else that is wrong.
 */
export function wishedPort(): number | undefined {
	const text = process.env['PORT'] || '3000';
	const port = Number(text);
	return /^\d+$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined;
}

/** Refuses, naming who holds it, when the app's port is taken. */
export async function assertPortIsFree(port: number, host: string): Promise<void> {
	const server = createServer();
	server.listen(port, host);
	try {
		await once(server, 'listening');
		server.close();
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code !== 'EADDRINUSE') throw new Problem(`port ${port} cannot be used: ${String(error)}`);
		const holder = findPortHolder(port);
		const who = holder
			? `process ${holder.pid} (${holder.command.slice(0, LONGEST_COMMAND)})`
			: 'another program';
		throw new Problem(
			`port ${port} is held by ${who}. stop it, or choose another port: PORT=${port + 100} npm start`
		);
	}
}
