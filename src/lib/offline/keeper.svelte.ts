import { SvelteMap } from 'svelte/reactivity';
import type { ToastContent, Toasts } from '#lib/toasts/toasts.svelte.ts';
import { canKeep, dropAlbum, keepAlbum, NotKept, tracksHere } from './keep.ts';
import { type KeptAlbum, keptAlbums } from './kept-albums.ts';

/** Of all tabs of this browser one brings music here. */
const LOCK = 'plyr-keep';

/** Brings albums here, one after the other, wherever in the site somebody goes meanwhile. */
export class Keeper {
	/** how many tracks are here of what is brought or waits for it, by the page of the album */
	readonly underWay = new SvelteMap<string, number>();
	/** why it stopped, by the page of the album */
	readonly problems = new SvelteMap<string, string>();
	readonly #toasts: Toasts;
	// nothing is drawn from it
	// eslint-disable-next-line svelte/prefer-svelte-reactivity
	readonly #stops = new Map<string, AbortController>();
	#last: Promise<void> = Promise.resolve();

	constructor(toasts: Toasts) {
		this.#toasts = toasts;
	}

	/** Keeps an album: somebody wants it. What comes of it is said. */
	keep(album: KeptAlbum): void {
		this.#begin(album, (run, signal) => withLock({ signal }, run));
	}

	/** Goes on with what an earlier page did not finish, unless another tab does. */
	async resume(): Promise<void> {
		if (!canKeep() || !navigator.onLine) return;
		for (const album of keptAlbums()) {
			const here = await tracksHere(album.tracks);
			if (here.size === album.tracks.length) continue;
			this.#begin(album, (run) => withLock({ ifAvailable: true }, run));
		}
	}

	/** Stops bringing an album; what is here of it stays. */
	stop(path: string): void {
		this.#stops.get(path)?.abort();
		this.#stops.delete(path);
		this.underWay.delete(path);
		this.#toasts.dismiss(toastOf(path));
	}

	/** Forgets an album. */
	async drop(path: string): Promise<void> {
		this.stop(path);
		this.problems.delete(path);
		await dropAlbum(path);
	}

	dispose(): void {
		for (const path of [...this.#stops.keys()]) this.stop(path);
	}

	#begin(
		album: KeptAlbum,
		lock: (run: () => Promise<void>, signal: AbortSignal) => Promise<void>
	): void {
		const { path } = album;
		if (this.underWay.has(path)) return;
		const stop = new AbortController();
		this.#stops.set(path, stop);
		this.problems.delete(path);
		this.underWay.set(path, 0);
		const bring = () => this.#bring(album, stop.signal);
		this.#last = this.#last
			.then(() => (stop.signal.aborted ? undefined : lock(bring, stop.signal)))
			// called off before it was its turn
			.catch(() => undefined)
			.finally(() => {
				if (this.#stops.get(path) !== stop) return;
				this.#stops.delete(path);
				this.underWay.delete(path);
			});
	}

	async #bring(album: KeptAlbum, signal: AbortSignal): Promise<void> {
		const { path, title, tracks } = album;
		const onProgress = (count: number) => {
			if (signal.aborted) return;
			// in another tab it was taken away again
			if (!isWanted(path)) this.stop(path);
			else this.#tell(album, count);
		};
		try {
			await keepAlbum(album, onProgress, signal);
			if (signal.aborted) return;
			this.underWay.set(path, tracks.length);
			this.#toasts.show({ kind: 'success', message: `${title} is kept offline` }, toastOf(path));
		} catch (cause) {
			if (signal.aborted) return;
			const message =
				cause instanceof NotKept ? cause.message : 'this browser did not let anything be kept';
			this.problems.set(path, message);
			const action = { label: 'go on', run: () => this.keep(album) };
			this.#toasts.show(
				{ kind: 'error', message: `${title}: ${message}`, action, durationMs: 0 },
				toastOf(path)
			);
		}
	}

	#tell({ path, title, tracks }: KeptAlbum, count: number): void {
		const isFirst = this.underWay.get(path) === 0 && count === 0;
		this.underWay.set(path, count);
		const content: ToastContent = {
			...{ kind: 'info', message: `keeping ${title} offline`, durationMs: 0 },
			...{ detail: `${count} of ${tracks.length} tracks`, progress: count / tracks.length }
		};
		// one that was dismissed stays away
		if (isFirst) this.#toasts.show(content, toastOf(path));
		else this.#toasts.update(toastOf(path), content);
	}
}

const toastOf = (path: string) => `keep ${path}`;
const isWanted = (path: string) => keptAlbums().some((album) => album.path === path);

/** Where the browser has no locks, several tabs may bring the same. */
async function withLock(options: LockOptions, run: () => Promise<void>): Promise<void> {
	const { locks } = navigator as Partial<Navigator>;
	if (!locks) await run();
	else await locks.request(LOCK, options, async (lock) => (lock ? await run() : undefined));
}
