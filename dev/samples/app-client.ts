import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { walkAuthorization } from '../network/fetch-login.ts';
import type { Recording } from './encoder.ts';
import { patientFetch } from './patient-fetch.ts';

const REQUEST_LIMIT_MS = 60_000;
const PUBLISH_LIMIT_MS = 180_000;
const ASK_EVERY_MS = 250;

const TYPES = { wav: 'audio/wav', flac: 'audio/flac', mp3: 'audio/mpeg' };

const refusal = z.object({ detail: z.unknown(), code: z.string().optional() });
const accepted = z.object({ upload_id: z.string() });
const uploadState = z.object({
	status: z.string(),
	error: z.string().nullish(),
	error_code: z.string().nullish()
});

/** What the app refused, with its code where it gave one. */
class Refusal extends Error {
	readonly code: string | undefined;

	constructor(what: string, status: number, body: unknown) {
		const { detail, code } = refusal.safeParse(body).data ?? {};
		super(`${what}: the app answered ${status} ${JSON.stringify(detail ?? body)}`);
		this.code = code;
	}
}

export type TrackToPublish = {
	title: string;
	description: string;
	album?: string | undefined;
	slug: string;
	image: Uint8Array<ArrayBuffer>;
	recording: Recording;
};

const cookiesOf = (response: Response): string[] =>
	response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');

async function open(url: URL | string, cookies: string[] = []): Promise<Response> {
	const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
	const response = await fetch(url, {
		redirect: 'manual',
		headers: cookies.length > 0 ? { cookie: cookies.join('; ') } : {},
		signal
	});
	await response.body?.cancel();
	return response;
}

function formOf(track: TrackToPublish): FormData {
	const { format, content } = track.recording;
	const form = new FormData();
	form.set('title', track.title);
	form.set('description', track.description);
	if (track.album) form.set('album', track.album);
	form.set('image', new Blob([track.image], { type: 'image/jpeg' }), 'cover.jpg');
	const audio = new Blob([new Uint8Array(content)], { type: TYPES[format] });
	form.set('file', audio, `${track.slug}.${format}`);
	return form;
}

/** A person using the app from outside: signed in through their PDS, publishing by the public API. */
export class AppClient {
	readonly #app: string;
	readonly #session: string;

	private constructor(app: string, session: string) {
		this.#app = app;
		this.#session = session;
	}

	/** Signs in the way a browser does: to the PDS, through its pages, and back. */
	static async signIn(app: string, handle: string, password: string): Promise<AppClient> {
		const start = await open(`${app}/auth/start?${new URLSearchParams({ handle })}`);
		const target = start.headers.get('location') ?? '';
		if (!/^https?:/.test(target) || target.startsWith(app)) {
			throw new Error(`${handle} could not begin to sign in: ${start.status} ${target}`);
		}
		const callback = await walkAuthorization(target, { username: handle, password });
		const back = await open(callback, cookiesOf(start));
		const session = cookiesOf(back).find((cookie) => cookie.startsWith('session_id='));
		if (!session) {
			throw new Error(
				`${handle} could not sign in: ${back.headers.get('location') ?? back.status}`
			);
		}
		return new AppClient(app, session.slice('session_id='.length));
	}

	/** Makes the artist profile, unless there is one. */
	async ensureProfile(displayName: string, bio: string): Promise<void> {
		try {
			const body = JSON.stringify({ display_name: displayName, bio });
			const headers = { 'content-type': 'application/json' };
			await this.#ask('artist profile', '/api/artists/', { method: 'POST', headers, body });
		} catch (error) {
			if (!(error instanceof Refusal && error.message.includes('already exists'))) throw error;
		}
	}

	/** Sends a track. Returns its upload, or undefined when the artist has published it before. */
	async send(track: TrackToPublish): Promise<string | undefined> {
		try {
			const request = { method: 'POST', body: formOf(track) };
			const answer = await this.#ask(`"${track.title}"`, '/api/tracks/', request);
			return accepted.parse(answer).upload_id;
		} catch (error) {
			if (error instanceof Refusal && error.code === 'duplicate_upload') return undefined;
			throw error;
		}
	}

	/**
	 * Waits until an upload is published; that it was published before is as good. Returns false
	 * when the app knows no such upload.
	 */
	async follow(title: string, uploadId: string): Promise<boolean> {
		const endsAt = Date.now() + PUBLISH_LIMIT_MS;
		while (Date.now() < endsAt) {
			const answer = await this.#ask(`"${title}"`, `/api/tracks/uploads/${uploadId}`).catch(
				(error: unknown) => {
					if (error instanceof Refusal && error.message.includes('answered 404')) return undefined;
					throw error;
				}
			);
			if (answer === undefined) return false;
			const state = uploadState.parse(answer);
			if (state.status === 'completed' || state.error_code === 'duplicate_upload') return true;
			if (state.status === 'failed') {
				throw new Error(`"${title}" was not published: ${state.error ?? 'no reason given'}`);
			}
			await sleep(ASK_EVERY_MS);
		}
		throw new Error(`"${title}" is not published after ${PUBLISH_LIMIT_MS / 60_000} minutes`);
	}

	async #ask(what: string, path: string, request: RequestInit = {}): Promise<unknown> {
		const headers = new Headers(request.headers);
		headers.set('authorization', `Bearer ${this.#session}`);
		const response = await patientFetch(this.#app + path, REQUEST_LIMIT_MS, {
			...request,
			headers
		});
		const text = await response.text();
		const body: unknown = text.startsWith('{') ? JSON.parse(text) : text;
		if (!response.ok) throw new Refusal(what, response.status, body);
		return body;
	}
}
