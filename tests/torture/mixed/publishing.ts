import { setTimeout as sleep } from 'node:timers/promises';
import { refusalOf } from '#lib/refusal.ts';
import { isPassing, type Obstacles, patiently } from '#lib/uploads/patiently.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import type { Random } from '../../../dev/music/random.ts';
import { Possible } from '../possible.ts';
import type { Sound, Sounds } from '../sounds.ts';
import type { Catalogue } from './catalogue.ts';
import type { Answer, Call, Client } from './client.ts';

/** A file the site said it has received. */
export interface SentUpload {
	id: string;
	sound: Sound;
	title: Possible<string | null>;
	/** null: it has not become one yet */
	trackId: number | null;
	/** a failure or a wait, in the site's words */
	said: string | null;
}

export const ALBUM = 'tides';
const TUS = { 'tus-resumable': '1.0.0' };
/** A slow line, so that something is on its way whenever somebody dies. */
const LONGEST_BODY_MS = 2_500;
/** Every so many files goes into the album. */
const ALBUM_SHARE = 0.3;
let titles = 0;

// what waits for a line listens to the window
Object.assign(globalThis, { window: new EventTarget() });

/** An artist who sends files one after the other, and edits what has become of them. */
export class Publisher {
	readonly did: string;
	readonly handle: string;
	readonly uploads: SentUpload[] = [];
	readonly albumWords = new Possible<string | null>(null);
	readonly counts = { begun: 0, resumed: 0, edits: 0, albumEdits: 0, failedEdits: 0 };
	readonly #client: Client;
	readonly #catalogue: Catalogue;
	readonly #sounds: Sounds;
	readonly #random: Random;
	#album: { id: string; slug: string } | null = null;

	constructor(
		client: Client,
		who: { did: string; handle: string },
		catalogue: Catalogue,
		sounds: Sounds,
		random: Random
	) {
		this.#client = client;
		this.did = who.did;
		this.handle = who.handle;
		this.#catalogue = catalogue;
		this.#sounds = sounds;
		this.#random = random;
	}

	/** Sends a file as the page does, however often the line breaks. */
	async upload(signal: AbortSignal, isOfAlbum = this.#random.chance(ALBUM_SHARE)): Promise<void> {
		const sound = this.#sounds.next(this.#random);
		const title = newTitle();
		this.#catalogue.sent(sound);
		this.counts.begun++;
		const obstacles: Obstacles = {
			oninterrupted: () => (this.counts.resumed += 1),
			onpaused: (_, sentence) => {
				throw new Error(`the site asks to wait: ${sentence}`);
			}
		};
		const id = await patiently(
			() => this.#begin(sound, title, isOfAlbum),
			{ ...obstacles, final: [409] },
			signal
		);
		await patiently(() => this.#sendRest(id, sound), obstacles, signal);
		this.uploads.push({
			...{ id, sound, title: new Possible<string | null>(title), trackId: null, said: null }
		});
	}

	async #begin(sound: Sound, title: string, isOfAlbum: boolean): Promise<string> {
		const metadata = {
			filename: sound.fileName,
			title,
			rights_confirmed: 'true',
			...(isOfAlbum ? { album: ALBUM } : {})
		};
		const encoded = Object.entries(metadata)
			.map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
			.join(',');
		const { headers } = await this.#insist({
			method: 'POST',
			path: '/api/uploads/tus',
			headers: {
				...TUS,
				accept: 'application/json',
				'upload-length': String(sound.bytes.length),
				'upload-metadata': encoded
			}
		});
		return headers.get('location')?.split('/').at(-1) ?? '';
	}

	/** From where the site has it on, as tus-js-client does. */
	async #sendRest(id: string, { bytes }: Sound): Promise<void> {
		const path = `/api/uploads/tus/${id}`;
		const { headers } = await this.#insist({ method: 'HEAD', path, headers: TUS });
		const offset = Number(headers.get('upload-offset'));
		if (offset === bytes.length) return;
		await this.#insist({
			method: 'PATCH',
			path,
			headers: {
				...TUS,
				'content-type': 'application/offset+octet-stream',
				'upload-offset': String(offset)
			},
			body: bytes.subarray(offset),
			bodyMs: this.#random.between(0, LONGEST_BODY_MS)
		});
	}

	/** @throws RefusedError, for `patiently` to judge */
	async #insist(call: Call): Promise<Answer> {
		const answer = await this.#client.send({ ...call, isRepeatedAfter: isPassing });
		if (answer.status < 400) return answer;
		const { status, headers } = answer;
		throw await refusalOf(new Response(answer.text, { status, headers }));
	}

	/** Looks once at everything that is not a track yet. @returns how many that are */
	async look(): Promise<number> {
		const open = this.uploads.filter(({ trackId }) => trackId === null);
		for (const upload of open) {
			const answer = await this.#client.send({ path: `/api/tracks/uploads/${upload.id}` });
			if (answer.status >= 400) continue;
			const state = JSON.parse(answer.text) as Pick<UploadState, 'status' | 'error' | 'track_id'>;
			upload.said = `${state.status} ${state.error ?? ''}`;
			if (state.status !== 'completed') continue;
			upload.trackId = Number(state.track_id);
			await this.#list(upload, upload.trackId);
		}
		return this.uploads.filter(({ trackId }) => trackId === null).length;
	}

	async #list({ title }: SentUpload, id: number): Promise<void> {
		const answer = await this.#client.send({ path: `/api/tracks/${id}` });
		if (answer.status >= 400) return;
		const { album } = JSON.parse(answer.text) as { album: { id: string; slug: string } | null };
		this.#album ??= album;
		const [word] = title.values;
		this.#catalogue.add({
			id,
			word: word ?? '',
			handle: this.handle,
			album: this.#album?.slug ?? null
		});
	}

	/** Another title for a track or, now and then, other words about the album. */
	async edit(): Promise<void> {
		const tracks = this.uploads.filter(({ trackId }) => trackId !== null);
		if (tracks.length === 0) return;
		const upload = this.#random.pick(tracks);
		const isOfAlbum = this.#album !== null && this.#random.chance(0.3);
		const path = isOfAlbum ? `/api/albums/${this.#album?.id}` : `/api/tracks/${upload.trackId}`;
		const words: Possible<string | null> = isOfAlbum ? this.albumWords : upload.title;
		const attempt = words.begin(newTitle());
		const call = {
			method: 'PATCH',
			path,
			headers: { 'content-type': 'application/json', accept: 'application/json' },
			body: JSON.stringify({ [isOfAlbum ? 'description' : 'title']: attempt.value })
		};
		const answer = await this.#client.send(call).catch(() => null);
		if (answer && answer.status < 400) words.done(attempt);
		else words.unknown(attempt);
		if (!answer || answer.status >= 400) this.counts.failedEdits++;
		else this.counts[isOfAlbum ? 'albumEdits' : 'edits']++;
	}

	/** Waits until everything that was received is a track; what is not by then is a finding. */
	async settle(limitMs: number): Promise<void> {
		const endsAt = Date.now() + limitMs;
		while (Date.now() < endsAt && (await this.look()) > 0) await sleep(500);
	}
}

const newTitle = () => `song ${(titles += 1)}`;
