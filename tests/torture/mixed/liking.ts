import { askAgain } from '#lib/ask-again.ts';
import type { Random } from '../../../dev/music/random.ts';
import { Possible } from '../possible.ts';
import type { Catalogue } from './catalogue.ts';
import type { Answer, Client } from './client.ts';

/** After these `askAgain` tries again, so often in all. */
const NOBODY = new Set([0, 502, 504]);
const MOST_TRIES = 4;

/** Somebody signed in who likes and unlikes, by the button with a script and without one. */
export class Liker {
	readonly did: string;
	/** by the id of the track */
	readonly likes = new Map<number, Possible<boolean>>();
	/** how often each was answered as done, and how often it was not */
	readonly counts = { liked: 0, unliked: 0, failed: 0 };
	readonly #client: Client;
	readonly #catalogue: Catalogue;
	readonly #random: Random;

	constructor(client: Client, did: string, catalogue: Catalogue, random: Random) {
		this.#client = client;
		this.did = did;
		this.#catalogue = catalogue;
		this.#random = random;
	}

	/** Presses the button of some track: what is liked, as far as is known, is unliked. */
	async act(): Promise<void> {
		const { id } = this.#catalogue.any(this.#random);
		const like = this.likes.get(id) ?? new Possible(false);
		this.likes.set(id, like);
		const isLiked = !like.has(true);
		const attempt = like.begin(isLiked);
		const isForm = this.#random.chance(0.3);
		try {
			const answer = await (isForm ? this.#submit(id, isLiked) : this.#press(id, isLiked));
			if (answer.status < 400) like.done(attempt);
			else like.unknown(attempt);
			this.counts[answer.status >= 400 ? 'failed' : isLiked ? 'liked' : 'unliked']++;
		} catch (cause) {
			if (!(cause instanceof TypeError)) throw cause;
			like.unknown(attempt);
			this.counts.failed++;
		}
	}

	async #submit(id: number, isLiked: boolean): Promise<Answer> {
		const answer = await this.#client.send({
			method: 'POST',
			path: `/track/${id}/like?return_to=${encodeURIComponent(`/track/${id}`)}`,
			headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
			body: new URLSearchParams({ liked: String(isLiked) }).toString()
		});
		const location = answer.headers.get('location');
		if (answer.status === 303 && location !== `/track/${id}`) {
			throw new Error(`the form of a like leads to ${location}`);
		}
		return answer;
	}

	/** As src/lib/likes/send-like.ts does it. */
	async #press(id: number, isLiked: boolean): Promise<Pick<Answer, 'status' | 'headers'>> {
		const call = {
			method: isLiked ? 'POST' : 'DELETE',
			path: `/api/tracks/${id}/like`,
			headers: { accept: 'application/json' }
		};
		let tries = 0;
		return await askAgain(async () => {
			tries++;
			const isRepeatedAfter = (status: number) => NOBODY.has(status) && tries < MOST_TRIES;
			const { status, text } = await this.#client.send({ ...call, isRepeatedAfter });
			return new Response(text, { status });
		});
	}
}
