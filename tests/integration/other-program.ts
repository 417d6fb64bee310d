import assert from 'node:assert/strict';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';

type Track = Pick<TrackResponse, 'atproto_record_uri'>;

/** A program of an artist's own that writes to their repository and knows nothing of us. */
export class OtherProgram {
	readonly #pdsUrl: string;
	readonly #token: string;

	private constructor(pdsUrl: string, token: string) {
		this.#pdsUrl = pdsUrl;
		this.#token = token;
	}

	static async of(name: string, pdsUrl: string): Promise<OtherProgram> {
		const login = { identifier: `${name}.test`, password: `${name}-pass` };
		const answer = await new OtherProgram(pdsUrl, '').#call('server.createSession', login);
		return new OtherProgram(pdsUrl, (answer as { accessJwt: string }).accessJwt);
	}

	async read(track: Track): Promise<Record<string, unknown>> {
		const url = new URL('/xrpc/com.atproto.repo.getRecord', this.#pdsUrl);
		url.search = new URLSearchParams(addressOf(track)).toString();
		const answer = await fetch(url);
		assert.equal(answer.status, 200, 'the record is there');
		return ((await answer.json()) as { value: Record<string, unknown> }).value;
	}

	async edit(track: Track, change: Record<string, unknown>): Promise<void> {
		const record = { ...(await this.read(track)), ...change };
		await this.#call('repo.putRecord', { ...addressOf(track), record });
	}

	async delete(track: Track): Promise<void> {
		await this.#call('repo.deleteRecord', addressOf(track));
	}

	async #call(method: string, input: unknown): Promise<unknown> {
		const headers = new Headers({ 'content-type': 'application/json' });
		if (this.#token) headers.set('authorization', `Bearer ${this.#token}`);
		const url = new URL(`/xrpc/com.atproto.${method}`, this.#pdsUrl);
		const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) });
		assert.equal(answer.status, 200, await answer.clone().text());
		return await answer.json();
	}
}

function addressOf({ atproto_record_uri: uri }: Track) {
	const [repo = '', collection = '', rkey = ''] = uri.replace('at://', '').split('/');
	return { repo, collection, rkey };
}
