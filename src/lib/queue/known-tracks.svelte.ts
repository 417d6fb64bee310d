import { keptAlbums } from '#lib/offline/kept-albums.ts';
import type { Track } from '#lib/tracks/track.ts';

const BATCH = 100;

/** Asks for tracks by their ids; those that are not there are missing. @throws without an answer */
export type AskForTracks = (ids: readonly number[]) => Promise<Track[]>;

/** What this browser keeps of the tracks that can be heard without a network. */
const keptHere = (): Track[] => keptAlbums().flatMap(({ tracks }) => tracks);

/** The tracks this page has seen, by id: the queue only names them. */
export class KnownTracks {
	/** null: it was asked for and is not there any more */
	#byId = $state.raw<Record<number, Track | null>>({});
	#asking: Record<number, Promise<void>> = {};
	readonly #ask: AskForTracks;
	readonly #kept: () => readonly Track[];

	/** @param kept tracks that stand in where there is no answer */
	constructor(ask: AskForTracks, kept: () => readonly Track[] = keptHere) {
		this.#ask = ask;
		this.#kept = kept;
	}

	/** The track; null: it is gone; undefined: nobody has asked yet. */
	get(id: number): Track | null | undefined {
		return this.#byId[id];
	}

	add(tracks: readonly Track[]): void {
		if (tracks.every((track) => this.#byId[track.id] === track)) return;
		const added = tracks.map((track) => [track.id, track] as const);
		this.#byId = { ...this.#byId, ...Object.fromEntries(added) };
	}

	/** Asks for what is not known yet; done when all of it was answered. @throws without an answer */
	async want(ids: readonly number[]): Promise<void> {
		const unknown = ids.filter(
			(id, index) => this.#byId[id] === undefined && ids.indexOf(id) === index
		);
		const fresh = unknown.filter((id) => !this.#asking[id]);
		for (let i = 0; i < fresh.length; i += BATCH) this.#begin(fresh.slice(i, i + BATCH));
		await Promise.all(unknown.map((id) => this.#asking[id] ?? Promise.resolve()));
	}

	#begin(batch: number[]): void {
		const answer = this.#ask(batch)
			.then(
				(tracks) => {
					const gone = batch.map((id) => [id, null] as const);
					this.#byId = { ...this.#byId, ...Object.fromEntries(gone) };
					this.add(tracks);
				},
				(cause: unknown) => {
					this.add(this.#kept().filter(({ id }) => batch.includes(id) && !this.#byId[id]));
					if (batch.some((id) => this.#byId[id] === undefined)) throw cause;
				}
			)
			.finally(() => {
				for (const id of batch) Reflect.deleteProperty(this.#asking, id);
			});
		for (const id of batch) this.#asking[id] = answer;
	}
}
