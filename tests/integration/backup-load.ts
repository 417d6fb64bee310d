import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import { anyPitch } from './publishing-site.ts';
import { sendJson } from './published-music.ts';
import type { Visitor } from './visitor.ts';

/** What people do to a site all the time, and what it has said that it keeps. */
export class SiteLoad {
	/** sha-256 of every file that was sent */
	readonly sent = new Set<string>();
	/** that of every track that was published, by its id */
	readonly published = new Map<number, string>();
	readonly deleted = new Set<number>();
	readonly liked = new Set<number>();
	readonly edited = new Map<number, string>();
	readonly errors: string[] = [];
	readonly #artist: Visitor;
	readonly #listener: Visitor;
	#running: Promise<unknown> = Promise.resolve();
	#isOver = false;

	constructor(artist: Visitor, listener: Visitor) {
		this.#artist = artist;
		this.#listener = listener;
	}

	/** Publishes, deletes, edits and likes at the same time, until `stop`. */
	start(): void {
		const acts = [
			() => this.publish(),
			() => this.#replace(),
			() => this.#edit(),
			() => this.#like()
		];
		this.#running = Promise.all(
			acts.map(async (act) => {
				while (!this.#isOver) {
					await act().catch((cause: unknown) => this.errors.push(String(cause)));
					await sleep(20);
				}
			})
		);
	}

	async stop(): Promise<void> {
		this.#isOver = true;
		await this.#running;
	}

	/** A track with artwork. @returns its id, when it is published */
	async publish(): Promise<number> {
		const hertz = anyPitch();
		const bytes = await makeSample('mp3', { seconds: 1, hertz });
		const form = new FormData();
		form.set('title', `tone ${hertz}`);
		form.set('file', new Blob([Uint8Array.from(bytes)]), 'tone.mp3');
		const [r, g, b] = [0, 1, 2].map((i) => (hertz * 10 ** i) % 256);
		const background = { r: r ?? 0, g: g ?? 0, b: b ?? 0 };
		const picture = await sharp({ create: { width: 400, height: 400, channels: 3, background } })
			.png()
			.toBuffer();
		form.set('image', new Blob([Uint8Array.from(picture)], { type: 'image/png' }), 'a.png');
		const sha256 = createHash('sha256').update(bytes).digest('hex');
		this.sent.add(sha256);
		const id = await this.#send(form);
		this.published.set(id, sha256);
		return id;
	}

	async #send(form: FormData): Promise<number> {
		const headers = { origin: this.#artist.site };
		const sent = await this.#artist.open('/api/tracks/', { method: 'POST', headers, body: form });
		assert.equal(sent.status, 200, await sent.clone().text());
		const { upload_id: id } = (await sent.json()) as { upload_id: string };
		for (let i = 0; i < 600; i++) {
			const answer = await this.#artist.open(`/api/tracks/uploads/${id}`);
			const state = (await answer.json()) as UploadState;
			assert.notEqual(state.status, 'failed', state.error ?? '');
			if (state.status === 'completed') return state.track_id ?? 0;
			await sleep(50);
		}
		throw new Error('the upload is not finished');
	}

	/** One that nobody else is at: published, and deleted with its object. */
	async #replace(): Promise<void> {
		const id = await this.publish();
		this.deleted.add(id);
		const headers = { origin: this.#artist.site };
		const gone = await this.#artist.open(`/api/tracks/${id}`, { method: 'DELETE', headers });
		assert.ok(gone.ok, await gone.text());
	}

	#some(): number | undefined {
		const ids = [...this.published.keys()].filter((id) => !this.deleted.has(id));
		return ids[Math.floor(Math.random() * ids.length)];
	}

	async #edit(): Promise<void> {
		const id = this.#some();
		if (id !== undefined) await this.edit(id);
	}

	/** Gives a track another title, and a tag. */
	async edit(id: number): Promise<void> {
		const title = `edited ${Date.now()}`;
		const change = { title, tags: ['sine'] };
		const changed = await sendJson(this.#artist, 'PATCH', `/api/tracks/${id}`, change);
		if (changed.ok) this.edited.set(id, title);
		else assert.ok(this.deleted.has(id) || changed.status === 409, await changed.text());
	}

	async #like(): Promise<void> {
		const id = this.#some();
		if (id === undefined) return;
		const method = this.liked.has(id) ? 'DELETE' : 'POST';
		const answer = await sendJson(this.#listener, method, `/api/tracks/${id}/like`, {});
		assert.ok(answer.ok || this.deleted.has(id), await answer.text());
		if (method === 'POST') this.liked.add(id);
		else this.liked.delete(id);
	}
}
