import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { reservePort } from '../../dev/network/reserve-port.ts';
import { RequestReader } from './request-reader.ts';

/** A place in an upload at which the line breaks. */
export interface Cut {
	offsetBytes: number;
	/** for so long nobody gets through afterwards; 0: a new connection works at once */
	goneMs: number;
}

/** The server takes more than goes up the line: nothing piles up before it that a cut would lose. */
const BYTES_PER_MS = 24_000;
/** Timers are no finer than this. */
const PAUSE_MS = 4;

/** The line between a browser and the server. It breaks where it is told to. */
export interface DroppingProxy {
	/** what the browser is told to be the site */
	url: string;
	/** connections go to this port of this machine from here on */
	leadTo(port: number): void;
	/** breaks the line as an upload passes these places, in order, each of them once */
	cutAt(cuts: readonly Cut[]): void;
	/** how often it has broken so far */
	cutsMade(): number;
	/**
	 * Bytes of upload bodies that the browser has put on the line, also those that were on it as it
	 * broke. The heads of requests are not counted: some hundred bytes each.
	 */
	sentBytes(): number;
	close(): Promise<void>;
}

/** Listens on a port of its own. Both ends see a reset when it cuts: nothing is closed in order. */
export async function startDroppingProxy(): Promise<DroppingProxy> {
	const { port, listener } = await reservePort([0]);
	const line = new Line();
	listener.removeAllListeners('connection');
	listener.on('connection', (browser) => line.join(browser));
	return {
		url: `http://127.0.0.1:${port}`,
		leadTo: (serverPort) => (line.serverPort = serverPort),
		cutAt: (cuts) => (line.cuts = [...cuts].sort((a, b) => a.offsetBytes - b.offsetBytes)),
		cutsMade: () => line.cutsMade,
		sentBytes: () => line.sentBytes,
		async close() {
			listener.close();
			line.cut(0);
			await once(listener, 'close');
		}
	};
}

class Line {
	serverPort = 0;
	cuts: Cut[] = [];
	cutsMade = 0;
	sentBytes = 0;
	#isGone = false;
	#busyUntilMs = 0;
	readonly #sockets = new Set<Socket>();

	join(browser: Socket): void {
		if (this.#isGone) {
			browser.resetAndDestroy();
			return;
		}
		const server = connect({ port: this.serverPort, host: '127.0.0.1' });
		for (const [one, other] of [
			[browser, server],
			[server, browser]
		] as const) {
			this.#sockets.add(one);
			one.setNoDelay(true);
			// how it ended is of no interest: the other end follows
			one.on('error', () => undefined);
			one.on('close', () => {
				this.#sockets.delete(one);
				other.destroy();
			});
		}
		server.pipe(browser);
		const reader = new RequestReader();
		browser.on('data', (chunk: Buffer) => this.#carry(reader, chunk, browser, server));
		browser.on('end', () => server.end());
	}

	/** Breaks every connection, as a line does that is gone. */
	cut(goneMs: number): void {
		for (const socket of this.#sockets) socket.resetAndDestroy();
		if (goneMs === 0) return;
		this.#isGone = true;
		void sleep(goneMs).then(() => (this.#isGone = false));
	}

	#carry(reader: RequestReader, chunk: Buffer, browser: Socket, server: Socket): void {
		for (const piece of reader.read(chunk)) {
			if (piece.uploadOffset === undefined) continue;
			this.sentBytes += piece.sizeBytes;
			const [next] = this.cuts;
			const left = (next?.offsetBytes ?? Infinity) - piece.uploadOffset;
			if (!next || left > piece.sizeBytes) continue;
			this.cuts.shift();
			this.cutsMade += 1;
			server.write(chunk.subarray(0, piece.start + Math.max(0, left)));
			this.cut(next.goneMs);
			return;
		}
		const isFull = !server.write(chunk);
		const now = performance.now();
		this.#busyUntilMs = Math.max(now, this.#busyUntilMs) + chunk.byteLength / BYTES_PER_MS;
		const waitMs = this.#busyUntilMs - now;
		if (!isFull && waitMs < PAUSE_MS) return;
		browser.pause();
		const goOn = () => setTimeout(() => browser.resume(), Math.max(0, waitMs));
		if (isFull) server.once('drain', goOn);
		else goOn();
	}
}
