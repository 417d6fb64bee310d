import { reportPlay } from '#lib/player/report-play.ts';
import type { Random } from '../../../dev/music/random.ts';
import type { Answer, Client } from './client.ts';
import type { Catalogue } from './catalogue.ts';

const RANGE_BYTES = 60_000;

/** What somebody does who looks and listens, signed in or not. */
export class Listener {
	readonly client: Client;
	readonly #catalogue: Catalogue;
	readonly #random: Random;
	/** something that was answered, and wrongly */
	readonly wrong: string[] = [];
	/** plays that are reported again later, as a browser does */
	readonly #reports: Promise<unknown>[] = [];

	constructor(client: Client, catalogue: Catalogue, random: Random) {
		this.client = client;
		this.#catalogue = catalogue;
		this.#random = random;
	}

	/** One thing. */
	async act(): Promise<void> {
		const acts = [
			...Array<() => Promise<unknown>>(5).fill(() => this.#openPage()),
			...Array<() => Promise<unknown>>(3).fill(() => this.#listen()),
			() => this.#ask(),
			() => this.#ask()
		];
		// what failed is counted already
		await this.#random
			.pick(acts)()
			.catch((cause: unknown) => {
				if (!(cause instanceof TypeError)) throw cause;
			});
	}

	/** Waits until plays that had no answer have been reported again. */
	async settle(): Promise<void> {
		await Promise.all(this.#reports);
	}

	/** A page, and something it brings. */
	async #openPage(): Promise<void> {
		const { id, word, handle, album } = this.#catalogue.any(this.#random);
		const pages = [
			'/',
			`/track/${id}`,
			`/u/${handle}`,
			`/search?q=${encodeURIComponent(word)}`,
			...(album === null ? [] : [`/u/${handle}/album/${album}`])
		];
		const path = this.#random.pick(pages);
		const headers = { accept: 'text/html' };
		const page = await this.client.send({ path, headers, endsWith: '</html>' });
		if (page.status >= 400) return;
		const parts = [...new Set(page.text.match(/\/_app\/immutable\/[\w./-]+\.(?:js|css)/g) ?? [])];
		if (parts.length === 0) this.wrong.push(`${path} has no script`);
		else await this.client.send({ path: this.#random.pick(parts) });
	}

	async #ask(): Promise<void> {
		const { id, word, handle } = this.#catalogue.any(this.#random);
		const path = this.#random.pick([
			'/api/tracks/',
			`/api/tracks/${id}`,
			`/api/search/?q=${encodeURIComponent(word)}`,
			`/api/artists/by-handle/${handle}`
		]);
		await this.client.send({ path, headers: { accept: 'application/json' }, endsWith: '}' });
	}

	/** A track's page, two parts of its sound, and the report of a play. */
	async #listen(): Promise<void> {
		const { id } = this.#catalogue.any(this.#random);
		const path = `/api/tracks/${id}`;
		const answer = await this.client.send({ path, headers: { accept: 'application/json' } });
		if (answer.status >= 400) return;
		const { file_id: fileId } = JSON.parse(answer.text) as { file_id: string };
		await this.#hear(fileId, 0);
		await this.#hear(fileId, Math.floor(this.#random.between(1, 4_000)));
		if (this.#random.chance(0.4)) this.#report(id);
	}

	async #hear(fileId: string, from: number): Promise<void> {
		const path = `/audio/${fileId}`;
		const headers = { range: `bytes=${from}-${from + RANGE_BYTES - 1}` };
		let part: Answer = await this.client.send({ path, headers });
		const location = part.headers.get('location');
		if (part.status === 307 && location) {
			part = await this.client.send({ path: location, headers });
		}
		if (part.status >= 400) return;
		const whole = this.#catalogue.bytesOf(fileId);
		const expected = whole?.subarray(from, from + RANGE_BYTES);
		if (part.status !== 206) this.wrong.push(`${path} answered ${part.status} to a range`);
		else if (expected && !part.bytes.equals(expected)) this.wrong.push(`${path}: other bytes`);
	}

	#report(trackId: number): void {
		const send = async (path: string, init: RequestInit) => {
			const { status, text } = await this.client.send({
				method: 'POST',
				path,
				headers: { 'content-type': 'application/json' },
				body: init.body as string,
				isRepeatedAfter: (status) => status === 0 || status >= 500 || status === 429
			});
			return new Response(text, { status });
		};
		const soon = () => new Promise((resolve) => setTimeout(resolve, 15_000));
		this.#reports.push(
			reportPlay(trackId, 31, undefined, {
				fetch: send as typeof fetch,
				lineIsBack: soon,
				now: Date.now
			})
		);
	}
}
