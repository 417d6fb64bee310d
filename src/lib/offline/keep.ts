import { audioUrl, inLess, type Track } from '#lib/tracks/track.ts';
import type { KeptAlbum } from './kept-albums.ts';
import { KEEP_SHELL, KEPT_AS, KEPT_CACHE } from './kept-cache.ts';
import { crossOut, noteKept, picturesOf, soundsOf } from './note-kept.ts';

/** Why something could not be kept, in a sentence for who wanted it. */
export class NotKept extends Error {}

/** What the browser has for this site, in bytes; null where it does not say. */
export interface Room {
	usedBytes: number;
	allBytes: number;
}

/** Whether this browser can keep anything: not in a private window of some, not without https. */
export const canKeep = (): boolean => 'caches' in globalThis && 'serviceWorker' in navigator;

export async function askRoom(): Promise<Room | null> {
	const { usage, quota } = await navigator.storage.estimate();
	return usage === undefined || quota === undefined ? null : { usedBytes: usage, allBytes: quota };
}

/** Of these tracks, those whose audio is here. @returns their ids */
export async function tracksHere(tracks: readonly Track[]): Promise<Set<number>> {
	const cache = await caches.open(KEPT_CACHE);
	const found = await Promise.all(
		tracks.map(async (track) => ((await cache.match(audioUrl(track))) ? [track.id] : []))
	);
	return new Set(found.flat());
}

/**
 * Brings all of an album here, one file after the other, as they come and without holding them in
 * memory. What is here already is not brought again: broken off, it goes on where it was.
 * @param onProgress called with how many of its tracks are here
 * @throws NotKept; what has come stays
 */
export async function keepAlbum(
	album: KeptAlbum,
	onProgress: (count: number) => void,
	signal: AbortSignal
): Promise<void> {
	if (!noteKept(album)) throw noRoom();
	// it may refuse: it then throws things away when the disk is full, and they can be brought again
	await navigator.storage.persist();
	await keepShell();
	const cache = await caches.open(KEPT_CACHE);
	for (const [index, track] of album.tracks.entries()) {
		onProgress(index);
		await bringSound(cache, track, audioUrl(album.isDataReduced ? inLess(track) : track), signal);
	}
	// music without its pictures is better than none
	await Promise.allSettled(picturesOf(album).map((address) => bring(cache, address, signal)));
	onProgress(album.tracks.length);
}

/** One of a track's files, which is found under the address of each. */
async function bringSound(
	cache: Cache,
	track: Track,
	address: string,
	signal: AbortSignal
): Promise<void> {
	await bring(cache, address, signal);
	await pointAt(cache, track, address);
}

/** Leads from the other addresses of a track's sound to the one that is kept. */
async function pointAt(cache: Cache, track: Track, address: string): Promise<void> {
	for (const other of soundsOf(track)) {
		if (await cache.match(other)) continue;
		await cache.put(other, new Response(null, { headers: { [KEPT_AS]: address } }));
	}
}

/**
 * Lets what was kept be found under the addresses of smaller files that were made since.
 * @param tracks of the album as they are now
 */
export async function learnSmaller(kept: KeptAlbum, tracks: readonly Track[]): Promise<void> {
	const files = new Map(tracks.map(({ id, smallerFileId }) => [id, smallerFileId]));
	const isNew = (track: Track) => !track.smallerFileId && files.get(track.id);
	if (!kept.tracks.some(isNew)) return;
	const learnt = kept.tracks.map((track) =>
		isNew(track) ? { ...track, smallerFileId: files.get(track.id) ?? null } : track
	);
	noteKept({ ...kept, tracks: learnt });
	const cache = await caches.open(KEPT_CACHE);
	for (const track of learnt) {
		const address = audioUrl(track);
		if (await cache.match(address)) await pointAt(cache, track, address);
	}
}

/** Forgets an album, and what no other one needs. */
export async function dropAlbum(path: string): Promise<void> {
	const cache = await caches.open(KEPT_CACHE);
	await Promise.all(crossOut(path).map((address) => cache.delete(address)));
}

const SHELL_LIMIT_MS = 30_000;

/** @throws NotKept: without the scripts of the site here, kept music would be silent */
async function keepShell(): Promise<void> {
	const isHere = await Promise.race([
		askForShell(),
		new Promise<false>((resolve) => setTimeout(() => resolve(false), SHELL_LIMIT_MS))
	]);
	if (isHere) return;
	throw new NotKept('the player itself could not be kept. reload the page and press again');
}

async function askForShell(): Promise<boolean> {
	const { active } = await navigator.serviceWorker.ready;
	const { port1: answers, port2: port } = new MessageChannel();
	return await new Promise((resolve) => {
		answers.onmessage = ({ data }) => {
			answers.close();
			resolve(data === true);
		};
		active?.postMessage(KEEP_SHELL, [port]);
	});
}

async function bring(cache: Cache, address: string, signal: AbortSignal): Promise<void> {
	if (await cache.match(address)) return;
	let answer: Response;
	try {
		answer = await fetch(address, { signal });
	} catch (cause) {
		if (signal.aborted) throw cause;
		throw new NotKept('the connection broke off. what is here stays; press again to go on', {
			cause
		});
	}
	if (answer.status !== 200) {
		throw new NotKept(`one of the files could not be had (${answer.status}). press again to go on`);
	}
	try {
		await cache.put(address, answer);
	} catch (cause) {
		if (signal.aborted) throw cause;
		const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError';
		if (isFull) throw noRoom(cause);
		throw new NotKept('the connection broke off. what is here stays; press again to go on', {
			cause
		});
	}
}

const noRoom = (cause?: unknown) =>
	new NotKept('this browser has no room left. remove something you keep, and press again', {
		cause
	});
