import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to the database that can be cut off without anybody being told. */
export class DatabaseLine {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	isSilent = false;

	/** @param to the socket of a PostgreSQL of this machine */
	constructor({ host, port }: { host: string; port: number }) {
		const socketFile = `${host}/.s.PGSQL.${port}`;
		this.#server = createServer((near) => {
			const far = connect(socketFile);
			for (const [from, to] of [
				[near, far],
				[far, near]
			] as const) {
				this.#sockets.add(from);
				from.on('data', (chunk) => this.isSilent || to.write(chunk));
				from.on('close', () => this.isSilent || to.destroy());
				from.on('error', () => undefined);
			}
		});
	}

	async open(): Promise<number> {
		this.#server.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
		return (this.#server.address() as AddressInfo).port;
	}

	close(): void {
		for (const socket of this.#sockets) socket.destroy();
		this.#server.close();
	}
}
