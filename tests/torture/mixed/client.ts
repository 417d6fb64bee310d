import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tally } from './tally.ts';

export interface Call {
	method?: string;
	path: string;
	headers?: Record<string, string>;
	body?: string | Uint8Array;
	/** a slow line: the body takes so long */
	bodyMs?: number;
	/** answers below 500 that belong to it, besides all below 400 */
	expected?: readonly number[];
	/** whether the product's own code in the browser tries it again by itself after that status; 0: no answer */
	isRepeatedAfter?: (status: number) => boolean;
	/** what has to be in the answer to be a whole one */
	endsWith?: string;
	signal?: AbortSignal;
}

export interface Answer {
	status: number;
	headers: Headers;
	bytes: Buffer;
	text: string;
}

/** The browser's words for a line that broke. */
export const noAnswer = (cause: unknown) => new TypeError('fetch failed', { cause });

const BODY_STEPS = 8;
const LIMIT_MS = 60_000;

/** A browser of one person, at an address of its own: every request it makes is counted. */
export class Client {
	readonly who: string;
	/** with port, without a slash at the end */
	readonly base: string;
	readonly tally: Tally;
	readonly #siteUrl: string;
	readonly #cookie: string;
	readonly #agent: Agent;

	/** @param siteUrl the origin of the site's pages, wherever they are fetched */
	constructor(
		tally: Tally,
		places: { base: string; siteUrl: string; localAddress: string },
		who: string,
		cookie = ''
	) {
		this.tally = tally;
		this.base = places.base;
		this.#siteUrl = places.siteUrl;
		this.who = who;
		this.#cookie = cookie;
		// browsers have six connections to a site
		const { localAddress } = places;
		this.#agent = new Agent({ keepAlive: true, maxSockets: 6, localAddress });
	}

	/**
	 * Asks for something and reads all of it.
	 * @throws TypeError without a whole answer, as fetch does
	 */
	async send(call: Call): Promise<Answer> {
		const { method = 'GET', path, expected = [], endsWith } = call;
		const isRepeatedAfter = call.isRepeatedAfter ?? (() => false);
		const at = Date.now();
		const what = { at, who: this.who, method, path };
		try {
			const answer = await readWhole(await this.open(call));
			const { status, text } = answer;
			const ms = Date.now() - at;
			const isFine = status < 400 || expected.includes(status);
			if (isFine && endsWith !== undefined && !text.trimEnd().endsWith(endsWith)) {
				throw new Error(`the answer ends with ${JSON.stringify(text.slice(-40))}`);
			}
			if (isFine) this.tally.well(`${method} ${path}`, ms);
			else {
				const isRepeated = isRepeatedAfter(status);
				this.tally.failed({ ...what, status, ms, reason: text.slice(0, 200), isRepeated });
			}
			return answer;
		} catch (cause) {
			const reason = cause instanceof Error ? cause.message : String(cause);
			const isRepeated = isRepeatedAfter(0);
			this.tally.failed({ ...what, status: 0, ms: Date.now() - at, reason, isRepeated });
			throw noAnswer(cause);
		}
	}

	/** Asks for something; nothing of it is counted or read. */
	async open(call: Call): Promise<IncomingMessage> {
		const { method = 'GET', path, headers = {}, body, bodyMs = 0, signal } = call;
		const bytes = typeof body === 'string' ? Buffer.from(body) : body;
		const url = new URL(path, this.base);
		const isOurs = url.origin === this.base;
		const outgoing = request(url, {
			method,
			agent: isOurs ? this.#agent : undefined,
			signal: AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(LIMIT_MS)]),
			headers: {
				...(isOurs && this.#cookie ? { cookie: this.#cookie } : {}),
				...(method === 'GET' || method === 'HEAD' ? {} : { origin: this.#siteUrl }),
				...(bytes ? { 'content-length': bytes.byteLength } : {}),
				...headers
			}
		});
		const answered = new Promise<IncomingMessage>((resolve, reject) => {
			outgoing.once('response', resolve);
			outgoing.on('error', reject);
		});
		answered.catch(() => undefined);
		if (bytes && bodyMs > 0) await sendSlowly(outgoing, bytes, bodyMs);
		else outgoing.end(bytes);
		return await answered;
	}

	close(): void {
		this.#agent.destroy();
	}
}

async function sendSlowly(
	outgoing: ReturnType<typeof request>,
	bytes: Uint8Array,
	bodyMs: number
): Promise<void> {
	const step = Math.ceil(bytes.byteLength / BODY_STEPS);
	for (let at = 0; at < bytes.byteLength && !outgoing.destroyed; at += step) {
		outgoing.write(bytes.subarray(at, at + step));
		await sleep(bodyMs / BODY_STEPS);
	}
	if (!outgoing.destroyed) outgoing.end();
}

async function readWhole(response: IncomingMessage): Promise<Answer> {
	const chunks: Buffer[] = [];
	for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
	const bytes = Buffer.concat(chunks);
	const headers = new Headers();
	for (const [name, value] of Object.entries(response.headers)) {
		for (const one of [value ?? []].flat()) headers.append(name, one);
	}
	return { status: response.statusCode ?? 0, headers, bytes, text: bytes.toString('utf8') };
}
