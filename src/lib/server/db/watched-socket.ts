import net from 'node:net';

const LOOK_EVERY_MS = 500;

/** Where a connection goes, as the client has parsed it. */
export interface SocketTarget {
	path: string | false;
	host: string[];
	port: number[];
}

/**
 * Makes the sockets of a client: one on which something was asked and nothing came back for
 * `silenceMs` is closed with an error. A server that is alive cancels every statement sooner than
 * that; one that is cut off, stopped or gone says nothing, and TCP takes a quarter of an hour to
 * notice.
 */
export function watchedSockets(silenceMs: number): (target: SocketTarget) => net.Socket {
	let attempt = 0;
	return ({ path, host, port }) => {
		const at = attempt++ % host.length;
		const address = path === false ? { host: host[at], port: port[at] ?? 5432 } : { path };
		const socket = net.connect(address);
		// the name in its certificate
		if (path === false) Object.assign(socket, { host: host[at] });
		watch(socket, silenceMs);
		return socket;
	};
}

/** By its counters: the client takes all listeners away when it changes over to TLS. */
function watch(socket: net.Socket, silenceMs: number): void {
	let [read, written] = [0, 0];
	let askedAt: number | null = null;
	const timer = setInterval(() => {
		if (socket.destroyed) {
			clearInterval(timer);
			return;
		}
		const now = performance.now();
		if (socket.bytesRead !== read) askedAt = null;
		else if (socket.bytesWritten !== written) askedAt ??= now;
		[read, written] = [socket.bytesRead, socket.bytesWritten];
		if (askedAt === null || now - askedAt < silenceMs) return;
		const silence = new Error(`the database has said nothing for ${silenceMs} ms`);
		socket.destroy(Object.assign(silence, { code: 'ETIMEDOUT' }));
	}, LOOK_EVERY_MS);
	timer.unref();
}
