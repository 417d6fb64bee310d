import type { Server, ServerResponse } from 'node:http';
import { Server as TcpServer } from 'node:net';

/** How long a stop may take, in ms. */
export interface DrainLimits {
	/** a proxy may send something on a connection it keeps until it has heard that nobody listens any more */
	keptMs: number;
	/** what is still under way then is cut off */
	longestMs: number;
}

/** Knows what a server is at, so that a stop cuts nothing off that ends soon. */
export class Drain {
	readonly #underWay = new Set<ServerResponse>();
	#isStopping = false;
	#whenIdle: () => void = () => undefined;

	/** To be called with every request, before anything is answered. */
	enter(response: ServerResponse): void {
		this.#underWay.add(response);
		if (this.#isStopping) sayLast(response);
		response.once('close', () => {
			this.#underWay.delete(response);
			if (this.#underWay.size === 0) this.#whenIdle();
		});
	}

	/**
	 * Listens no more, answers what is under way and what still comes on connections that are kept, and
	 * closes each with its last answer.
	 * @param endStreams ends what would never end by itself; called twice
	 */
	async stop(
		server: Server,
		endStreams: () => void,
		{ keptMs, longestMs }: DrainLimits
	): Promise<void> {
		this.#isStopping = true;
		// that of http.Server closes kept connections as well, perhaps while something is sent on them
		TcpServer.prototype.close.call(server);
		endStreams();
		for (const response of this.#underWay) sayLast(response);
		const limit = setTimeout(() => server.closeAllConnections(), longestMs);
		await new Promise((resolve) => setTimeout(resolve, keptMs));
		endStreams();
		server.closeIdleConnections();
		if (this.#underWay.size > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
		clearTimeout(limit);
	}
}

/** Whoever is answered sends nothing more on this connection (RFC 9112 9.6). */
function sayLast(response: ServerResponse): void {
	if (!response.headersSent) response.setHeader('connection', 'close');
}
