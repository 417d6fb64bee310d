import { request, type IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';

/** Who signs in at the PDS and what they answer when asked to let the app in. */
export type Consent = { username: string; password: string; deny?: boolean };

type Answer = { status: number; headers: IncomingHttpHeaders; text: string };
type Call = { method?: 'GET' | 'POST'; headers?: Record<string, string>; body?: unknown };

const REQUEST_LIMIT_MS = 20_000;
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

const signedIn = z.object({
	account: z.object({ did: z.string() }),
	ephemeralToken: z.string().optional()
});
const nextStep = z.object({ url: z.string() });

/** node:http and not fetch(): fetch sets its own sec-fetch-mode, which the PDS refuses. */
function call(url: URL | string, { method = 'GET', headers = {}, body }: Call): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
		const type = body === undefined ? {} : { 'content-type': 'application/json' };
		const all = { 'user-agent': 'plyr-local', 'accept-language': 'en', ...type, ...headers };
		const sent = request(url, { method, signal, headers: all }, (response) => {
			let text = '';
			response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
			response.on('error', reject);
			response.on('end', () => {
				resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
			});
		});
		sent.on('error', reject);
		sent.end(body === undefined ? undefined : JSON.stringify(body));
	});
}

/** One visit to the sign-in pages of a PDS: what the browser would remember on the way. */
class Visit {
	readonly #page: URL;
	readonly #cookies = new Map<string, string>();

	constructor(page: URL) {
		this.#page = page;
	}

	async open(): Promise<void> {
		const answer = await call(this.#page, {
			headers: { 'sec-fetch-site': 'cross-site', ...NAVIGATION }
		});
		this.#keepCookies(answer);
		if (answer.status === 200) return;
		const reason = answer.headers.location ?? answer.text.slice(0, 500);
		throw new Error(`the sign-in page answered ${answer.status}: ${reason}`);
	}

	/** One call of the pages' own interface. */
	async ask(path: string, body: unknown, token?: string): Promise<unknown> {
		const answer = await call(new URL(`/@atproto/oauth-provider/~api${path}`, this.#page), {
			method: 'POST',
			body,
			headers: {
				'sec-fetch-site': 'same-origin',
				'sec-fetch-mode': 'same-origin',
				origin: this.#page.origin,
				referer: this.#page.href,
				cookie: this.#cookieHeader(),
				'x-csrf-token': this.#cookies.get('csrf-token') ?? '',
				...(token ? { authorization: `Bearer ${token}` } : {})
			}
		});
		this.#keepCookies(answer);
		if (answer.status !== 200) {
			throw new Error(`${path} of the PDS answered ${answer.status}: ${answer.text}`);
		}
		return JSON.parse(answer.text);
	}

	/** Follows the last step: where the browser is sent with the code, or with the refusal. */
	async leave(url: string): Promise<URL> {
		const answer = await call(url, {
			headers: {
				'sec-fetch-site': 'same-origin',
				referer: this.#page.href,
				cookie: this.#cookieHeader(),
				...NAVIGATION
			}
		});
		const { location } = answer.headers;
		if (location) return new URL(location);
		throw new Error(`the PDS did not lead back: ${answer.status} ${answer.text.slice(0, 300)}`);
	}

	#keepCookies(answer: Answer): void {
		for (const cookie of answer.headers['set-cookie'] ?? []) {
			const [pair = ''] = cookie.split(';');
			const at = pair.indexOf('=');
			this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
		}
	}

	#cookieHeader(): string {
		return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
	}
}

/**
 * Goes through the real sign-in and consent pages of a PDS without a browser, in about half a
 * second. Returns the callback address, with `code` or with `error`, to which the browser would
 * have been sent; it is not opened.
 */
export async function walkAuthorization(
	authorizeUrl: URL | string,
	{ username, password, deny = false }: Consent
): Promise<URL> {
	const visit = new Visit(new URL(authorizeUrl));
	await visit.open();
	if (deny) return visit.leave(nextStep.parse(await visit.ask('/reject', {})).url);
	const credentials = { username, password, locale: 'en', remember: false };
	const { account, ephemeralToken } = signedIn.parse(await visit.ask('/sign-in', credentials));
	const consent = await visit.ask('/consent', { did: account.did }, ephemeralToken);
	return visit.leave(nextStep.parse(consent).url);
}
