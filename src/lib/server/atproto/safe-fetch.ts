import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';
import { isWebPort } from './web-port.ts';

/** There was no answer: no connection, no such name, too slow. */
export class FetchFailed extends Error {
	constructor(reason: string, cause?: unknown) {
		super(reason, { cause });
		this.name = 'FetchFailed';
	}
}

/** A request we do not make, or an answer we do not take. */
export class UnsafeFetch extends FetchFailed {
	constructor(reason: string, cause?: unknown) {
		super(reason, cause);
		this.name = 'UnsafeFetch';
	}
}

export interface SafeFetchOptions {
	/** opens http, loopback and private addresses: for a local network only */
	allowInsecureNetwork: boolean;
	/** from the first byte sent to the last one received */
	timeLimitMs?: number;
	/** of the answer's body */
	sizeLimitBytes?: number;
	/** how names become addresses; the system's way by default */
	lookup?: typeof dns.lookup;
}

export type SafeFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

const TIME_LIMIT_MS = 15_000;
const SIZE_LIMIT_BYTES = 5 * 1024 * 1024;
const NO_BODY_STATUS = new Set([101, 204, 205, 304]);

/**
 * A `fetch` for addresses other people choose: their PDS, their handle's host, what those point
 * to. https, public addresses and ports of web servers only; the address is checked when the
 * connection is made, after the name was resolved, so that a name cannot point elsewhere in
 * between. Redirects are not followed: with `redirect: 'manual'` the answer is given as it is,
 * otherwise it is an error.
 * Bodies are held in memory on both ways.
 * @throws FetchFailed, of which UnsafeFetch is a kind
 */
export function createSafeFetch(options: SafeFetchOptions): SafeFetch {
	const { timeLimitMs = TIME_LIMIT_MS, sizeLimitBytes = SIZE_LIMIT_BYTES } = options;
	const lookup = options.allowInsecureNetwork
		? undefined
		: publicLookup(options.lookup ?? dns.lookup);
	const agents = { keepAlive: true, maxSockets: 50, timeout: timeLimitMs };
	const agent = { https: new https.Agent(agents), http: new http.Agent(agents) };

	return async (input, init) => {
		const request = toRequest(input, init);
		const url = new URL(request.url);
		refuseUnsafe(url, options.allowInsecureNetwork);
		const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
		const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeLimitMs)]);
		const settings: https.RequestOptions = {
			method: request.method,
			headers: outgoingHeaders(request.headers, body),
			signal,
			lookup
		};
		const answer = await exchange(url, settings, agent, body, sizeLimitBytes);
		if (isRedirect(answer.status) && request.redirect !== 'manual') {
			throw new UnsafeFetch(`${url.origin} answered with a redirect`);
		}
		return answer;
	};
}

/** The platform refuses some addresses itself: with a name and password, or that are none. */
function toRequest(input: string | URL | Request, init?: RequestInit): Request {
	try {
		return new Request(input, init);
	} catch (cause) {
		throw new UnsafeFetch('this is no address that is fetched', cause);
	}
}

function refuseUnsafe(url: URL, allowInsecureNetwork: boolean): void {
	if (url.protocol !== 'https:' && !(allowInsecureNetwork && url.protocol === 'http:')) {
		throw new UnsafeFetch(`${url.protocol} addresses are not fetched`);
	}
	if (allowInsecureNetwork) return;
	if (!isWebPort(url.port)) throw new UnsafeFetch(`no web server is expected at port ${url.port}`);
	// a literal address is connected to without a look-up
	const host = url.hostname.replace(/^\[|\]$/g, '');
	if (isIP(host) !== 0 && !isPublicAddress(host)) {
		throw new UnsafeFetch(`${host} is not a public address`);
	}
}

/** A look-up that fails when any of the addresses is not public: which one is taken is not ours to choose. */
function publicLookup(lookup: typeof dns.lookup): LookupFunction {
	return (hostname, options, callback) => {
		lookup(hostname, { ...options, all: true }, (error, addresses) => {
			if (error) {
				callback(error, '');
				return;
			}
			const [first] = addresses;
			const inside = addresses.find(({ address }) => !isPublicAddress(address));
			if (!first || inside) {
				const where = inside?.address ?? 'nothing';
				callback(new UnsafeFetch(`${hostname} leads to ${where}`), '');
			} else if (options.all) callback(null, addresses);
			else callback(null, first.address, first.family);
		});
	};
}

function outgoingHeaders(headers: Headers, body: Buffer | undefined): http.OutgoingHttpHeaders {
	const outgoing: http.OutgoingHttpHeaders = Object.fromEntries(headers);
	outgoing['accept-encoding'] = 'identity';
	outgoing['user-agent'] ??= 'plyr.fm';
	if (body) outgoing['content-length'] = body.length;
	return outgoing;
}

async function exchange(
	url: URL,
	settings: https.RequestOptions,
	agent: { http: http.Agent; https: https.Agent },
	body: Buffer | undefined,
	sizeLimitBytes: number
): Promise<Response> {
	try {
		const response = await send(url, settings, agent, body);
		return await readAnswer(response, sizeLimitBytes, settings.method === 'HEAD');
	} catch (cause) {
		if (cause instanceof UnsafeFetch) throw cause;
		throw new FetchFailed(`${url.origin} gave no answer`, cause);
	}
}

function send(
	url: URL,
	settings: https.RequestOptions,
	agent: { http: http.Agent; https: https.Agent },
	body: Buffer | undefined
): Promise<http.IncomingMessage> {
	return new Promise((resolve, reject) => {
		const request =
			url.protocol === 'https:'
				? https.request(url, { ...settings, agent: agent.https })
				: http.request(url, { ...settings, agent: agent.http });
		request.once('response', resolve);
		request.on('error', reject);
		request.end(body);
	});
}

async function readAnswer(
	response: http.IncomingMessage,
	sizeLimitBytes: number,
	isHead: boolean
): Promise<Response> {
	const chunks: Buffer[] = [];
	let sizeBytes = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		sizeBytes += chunk.length;
		if (sizeBytes > sizeLimitBytes) {
			throw new UnsafeFetch(`the answer is larger than ${sizeLimitBytes} bytes`);
		}
		chunks.push(chunk);
	}
	const status = response.statusCode ?? 0;
	if (status < 200) throw new UnsafeFetch(`an answer of status ${status}`);
	const headers = new Headers();
	for (const [name, values] of Object.entries(response.headersDistinct)) {
		for (const value of values ?? []) headers.append(name, value);
	}
	const isEmpty = NO_BODY_STATUS.has(status) || isHead;
	return new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers });
}

const isRedirect = (status: number) => status >= 300 && status < 400 && status !== 304;
