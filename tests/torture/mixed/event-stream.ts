import type { IncomingMessage } from 'node:http';
import type { Client } from './client.ts';

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;
const RECONNECT_MS = 3_000;

/** EventSource as browsers have it: a stream that was cut is opened again, one that was refused is not. */
export class EventStream extends EventTarget {
	readyState: number = CONNECTING;
	/** how often it was opened again after it had been cut */
	reconnections = 0;
	readonly #client: Client;
	readonly #path: string;
	#reconnectMs = RECONNECT_MS;
	#lastEventId = '';
	#response: IncomingMessage | undefined;
	#timer: NodeJS.Timeout | undefined;

	constructor(client: Client, path: string) {
		super();
		this.#client = client;
		this.#path = path;
		void this.#connect();
	}

	close(): void {
		this.readyState = CLOSED;
		clearTimeout(this.#timer);
		this.#response?.destroy();
	}

	async #connect(): Promise<void> {
		const at = Date.now();
		const what = { at, who: this.#client.who, method: 'GET', path: this.#path, isRepeated: true };
		let response: IncomingMessage;
		try {
			response = await this.#client.open({
				path: this.#path,
				headers: {
					accept: 'text/event-stream',
					...(this.#lastEventId === '' ? {} : { 'last-event-id': this.#lastEventId })
				}
			});
		} catch (cause) {
			const reason = cause instanceof Error ? cause.message : String(cause);
			this.#client.tally.failed({ ...what, status: 0, ms: Date.now() - at, reason });
			this.#reconnect();
			return;
		}
		if (this.readyState === CLOSED) return void response.destroy();
		const status = response.statusCode ?? 0;
		if (status !== 200) {
			response.resume();
			this.#client.tally.failed({ ...what, status, ms: Date.now() - at, reason: 'refused' });
			this.readyState = CLOSED;
			this.dispatchEvent(new Event('error'));
			return;
		}
		this.#client.tally.well(`GET ${this.#path}`, Date.now() - at);
		this.#response = response;
		this.readyState = OPEN;
		this.dispatchEvent(new Event('open'));
		await this.#read(response);
		this.#reconnect();
	}

	#reconnect(): void {
		if (this.readyState === CLOSED) return;
		this.readyState = CONNECTING;
		this.dispatchEvent(new Event('error'));
		this.reconnections++;
		this.#timer = setTimeout(() => void this.#connect(), this.#reconnectMs);
	}

	async #read(response: IncomingMessage): Promise<void> {
		let rest = '';
		try {
			for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
				const blocks = (rest + chunk).split('\n\n');
				rest = blocks.pop() ?? '';
				for (const block of blocks) this.#take(block);
			}
		} catch {
			// cut: it is opened again
		}
	}

	#take(block: string): void {
		const fields = new Map(
			block.split('\n').map((line): [string, string] => {
				const colon = line.indexOf(':');
				return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
			})
		);
		const retry = fields.get('retry');
		if (retry !== undefined) this.#reconnectMs = Number(retry);
		this.#lastEventId = fields.get('id') ?? this.#lastEventId;
		const data = fields.get('data');
		if (data === undefined) return;
		this.dispatchEvent(new MessageEvent(fields.get('event') ?? 'message', { data }));
	}
}
