/**
 * Whether a site works for people, looked at from outside, right after it was deployed:
 *   node deploy/smoke.ts https://plyr.example.org [seconds it may take to become well]
 * Says what it looked at, and ends with 1 when something is not as it has to be. Needs no package.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const ANSWER_LIMIT_MS = 10_000;
const LOOK_AGAIN_MS = 2_000;

/** Thrown with what is wrong, for whoever reads the log of the deployment. */
class NotWell extends Error {
	override readonly name = 'NotWell';
}

async function get(url: string, headers: Record<string, string> = {}): Promise<Response> {
	const response = await fetch(url, {
		headers,
		redirect: 'manual',
		signal: AbortSignal.timeout(ANSWER_LIMIT_MS)
	});
	if (response.ok) return response;
	throw new NotWell(`${url} answers ${response.status}: ${(await response.text()).slice(0, 500)}`);
}

function expect(isSo: boolean, otherwise: string): void {
	if (!isSo) throw new NotWell(otherwise);
}

interface Ready {
	ready: boolean;
	parts: Record<string, { ok: boolean; note?: string }>;
}

/** Everything it stands on works, and somebody takes the jobs. */
async function looksReady(site: string): Promise<void> {
	const { parts } = (await (await get(`${site}/ready`)).json()) as Ready;
	for (const [name, { ok, note }] of Object.entries(parts)) {
		expect(ok, `${name} does not work: ${note ?? 'it does not say why'}`);
	}
}

/** A page of a person, with a script of it: the address is the right one, and files are served. */
async function looksLikeAPage(site: string): Promise<void> {
	const response = await get(`${site}/`, { accept: 'text/html' });
	const html = await response.text();
	expect(html.includes('</html>'), 'the home page is not whole');
	const script = /["']([^"'\s]*\/_app\/[^"'\s]+\.js)["']/.exec(html)?.[1];
	expect(script !== undefined, 'the home page has no script');
	await (await get(new URL(script ?? '', `${site}/`).href)).arrayBuffer();
	const elsewhere = /https?:\/\/(?:localhost|127\.0\.0\.1)[^"'\s<]*/.exec(html)?.[0];
	const isLocal = /^http:\/\/(?:localhost|127\.0\.0\.1)/.test(site);
	expect(isLocal || elsewhere === undefined, `the home page leads to ${elsewhere ?? ''}`);
}

/** What a PDS reads before anybody can sign in. */
async function knowsItself(site: string): Promise<void> {
	if (!site.startsWith('https:')) return;
	const url = `${site}/client-metadata.json`;
	const metadata = (await (await get(url)).json()) as {
		client_id: string;
		redirect_uris: string[];
	};
	expect(metadata.client_id === url, `its client id is ${metadata.client_id}: PUBLIC_URL is wrong`);
	const strayed = metadata.redirect_uris.find((uri) => !uri.startsWith(`${site}/`));
	expect(strayed === undefined, `it sends people to ${strayed ?? ''} after signing in`);
	await (await get(`${site}/.well-known/jwks.json`)).arrayBuffer();
}

/** The newest track can be listened to from its middle, where there is one. */
async function isHeard(site: string): Promise<void> {
	const { tracks } = (await (await get(`${site}/api/tracks?limit=1`)).json()) as {
		tracks: { file_id: string }[];
	};
	const [track] = tracks;
	if (!track) return;
	const url = `${site}/audio/${track.file_id}`;
	const response = await fetch(url, {
		headers: { range: 'bytes=100-199' },
		signal: AbortSignal.timeout(ANSWER_LIMIT_MS)
	});
	const bytes = await response.arrayBuffer();
	expect(
		response.status === 206 && bytes.byteLength === 100,
		`the newest track is not heard: ${url} answers ${response.status} with ${bytes.byteLength} bytes`
	);
}

const LOOKS: [what: string, look: (site: string) => Promise<void>][] = [
	['it is ready', looksReady],
	['pages and their scripts', looksLikeAPage],
	['what a pds reads before people sign in', knowsItself],
	['the newest track', isHeard]
];

/** Repeats what fails until the time is over: a machine that was started a moment ago needs one. */
async function wellWithin(endsAt: number, look: () => Promise<void>): Promise<void> {
	for (;;) {
		try {
			await look();
			return;
		} catch (cause) {
			if (Date.now() + LOOK_AGAIN_MS > endsAt) throw cause;
		}
		await sleep(LOOK_AGAIN_MS);
	}
}

const [, , address = '', seconds = '30'] = process.argv;
const site = address.replace(/\/+$/, '');
const endsAt = Date.now() + Number(seconds) * 1000;
for (const [what, look] of LOOKS) {
	try {
		await wellWithin(endsAt, () => look(site));
		process.stdout.write(`ok     ${what}\n`);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		process.stdout.write(`wrong  ${what}: ${reason}\n`);
		process.exitCode = 1;
	}
}
