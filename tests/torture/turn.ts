import type { Random } from '../../dev/music/random.ts';
import type { Artist } from './artist.ts';
import type { Model } from './model.ts';
import type { Attempt, Possible } from './possible.ts';
import type { Picture, Sound, Sounds } from './sounds.ts';

/** What actions choose from. */
export interface Studio {
	model: Model;
	artists: readonly Artist[];
	sounds: Sounds;
	pictures: readonly Picture[];
	/** files somebody has sent: to be sent again, by the same artist and by others */
	known: Sound[];
}

export interface Turn extends Studio {
	random: Random;
}

/** Something an artist does. @returns false when there was nothing to do it to */
export type Action = (turn: Turn) => Promise<unknown>;

export type Said = Awaited<ReturnType<Artist['insist']>>;

let count = 0;
/** A title nothing has had. */
export const newTitle = (of: 'song' | 'album') => `${of} ${(count += 1)}`;

/** Settles what was asked for by what was answered. @returns whether it was done */
export function settle<T>(possible: Possible<T>, attempt: Attempt<T>, said: Said): boolean {
	const isDone = said?.answer.status === 200;
	if (isDone) possible.done(attempt);
	else if (said && !said.isRepeated) possible.refused(attempt);
	else possible.unknown(attempt);
	return isDone;
}

/** Something that was asked for together with other things. */
export interface Wish {
	settle(said: Said): void;
	/** nobody will ever say */
	leave(): void;
}

/** Asks for a value; to be settled when there is an answer. */
export function wish<T>(possible: Possible<T>, value: T): Wish {
	const attempt = possible.begin(value);
	return {
		settle: (said) => void settle(possible, attempt, said),
		leave: () => possible.unknown(attempt)
	};
}

/** In an order of chance. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
	return items
		.map((item) => ({ item, at: random.next() }))
		.sort((a, b) => a.at - b.at)
		.map(({ item }) => item);
}
