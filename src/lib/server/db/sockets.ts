import net from 'node:net';
import type postgres from 'postgres';

/** Where a connection goes, as the client has parsed it. */
interface SocketTarget {
	path: string | false;
	host: string[];
	port: number[];
}

/** The sockets of a client, so that they can be closed when the other end says nothing. */
export class Sockets {
	/** the server's own limit, after which it cancels a statement */
	readonly statementTimeoutMs: number;
	readonly #open = new Set<net.Socket>();
	#attempts = 0;

	constructor(statementTimeoutMs: number) {
		this.statementTimeoutMs = statementTimeoutMs;
	}

	/** postgres.js calls it for every connection, and waits for it to connect */
	readonly make = ({ path, host, port }: SocketTarget): net.Socket => {
		const at = this.#attempts++ % host.length;
		const isNamed = path === false;
		const socket = net.connect(isNamed ? { host: host[at], port: port[at] ?? 5432 } : { path });
		// the name in its certificate
		if (isNamed) Object.assign(socket, { host: host[at] });
		// not by an event: the client takes all listeners away when it changes over to TLS
		for (const one of this.#open) if (one.destroyed) this.#open.delete(one);
		this.#open.add(socket);
		return socket;
	};

	/** Closes all of them; whatever is asked on them ends with an error. */
	drop(): void {
		for (const socket of this.#open) {
			socket.destroy(Object.assign(new Error('the database says nothing'), { code: 'ETIMEDOUT' }));
		}
		this.#open.clear();
	}
}

const socketsOf = new WeakMap<object, Sockets>();

/** Remembers the sockets of a client for `answered`. */
export function keepSockets(sql: postgres.Sql, sockets: Sockets): postgres.Sql {
	socketsOf.set(sql.options, sockets);
	return sql;
}

/** How much longer than the server's own limit an answer may take. */
const MARGIN_MS = 2_000;

/**
 * Waits for the answer to a query. A server that is alive cancels every statement at its time
 * limit; one that is cut off, stopped or gone says nothing, and TCP takes a quarter of an hour to
 * notice: then the client's connections are closed, and everything asked on them fails.
 */
export async function answered<T>(sql: postgres.Sql, asking: PromiseLike<T>): Promise<T> {
	const sockets = socketsOf.get(sql.options);
	if (!sockets) return await asking;
	const timer = setTimeout(() => sockets.drop(), sockets.statementTimeoutMs + MARGIN_MS);
	try {
		return await asking;
	} finally {
		clearTimeout(timer);
	}
}
