import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

const ATTEMPTS = 3;
const PAUSE_MS = 500;

/**
 * `fetch` that tries again when the connection breaks, which happens when a kept connection has
 * ended while we were busy composing. Only for requests that may arrive twice.
 * @throws Error naming the address and what broke
 */
export async function patientFetch(
	url: string,
	limitMs: number,
	request: RequestInit = {}
): Promise<Response> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await fetch(url, { ...request, signal: AbortSignal.timeout(limitMs) });
		} catch (error) {
			if (attempt === ATTEMPTS) throw new Error(`${url}: ${inspect(error)}`);
			await sleep(PAUSE_MS);
		}
	}
}
