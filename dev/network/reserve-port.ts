import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** A port that is already ours: it listens, and hangs up until somebody takes the listener over. */
export type ReservedPort = {
	port: number;
	/** pass it to another server's `listen()`: that one then answers on the same socket */
	listener: Server;
};

const listenOn = async (port: number, host: string): Promise<Server> => {
	const server = createServer((socket) => socket.destroy());
	server.listen(port, host);
	await once(server, 'listening');
	return server;
};

const codeOf = (error: unknown): string | undefined =>
	error instanceof Error && 'code' in error ? String(error.code) : undefined;

/** "localhost" may mean ::1 first: a port is ours only when nobody answers there either. */
async function isFreeOnIpv6(port: number): Promise<boolean> {
	try {
		const probe = await listenOn(port, '::1');
		probe.close();
		return true;
	} catch (error) {
		return codeOf(error) !== 'EADDRINUSE';
	}
}

async function tryPort(port: number): Promise<ReservedPort | undefined> {
	try {
		const listener = await listenOn(port, '127.0.0.1');
		const taken = (listener.address() as AddressInfo).port;
		if (await isFreeOnIpv6(taken)) return { port: taken, listener };
		listener.close();
		return undefined;
	} catch (error) {
		if (codeOf(error) === 'EADDRINUSE' || codeOf(error) === 'EACCES') return undefined;
		throw error;
	}
}

/**
 * Takes the first port of the candidates that is free on loopback, at once and for good: there is
 * no moment in which another program could get it. 0 means "any free one".
 */
export async function reservePort(candidates: Iterable<number>): Promise<ReservedPort> {
	for (const candidate of candidates) {
		const reserved = await tryPort(candidate);
		if (reserved) return reserved;
	}
	throw new Error('no free port was found on this machine');
}
