import { normaliseTags } from '#lib/tracks/tag.ts';

/** What is typed with commas, as its parts: trimmed, empty ones and repetitions dropped. */
export function readCommaList(text: string): string[] {
	const parts = text.split(',').map((part) => part.trim().replace(/\s+/g, ' '));
	return [...new Set(parts.filter((part) => part !== ''))];
}

/** Tags in the one form they have; what cannot be one is left out, and so is what is too much. */
export const readTags = (text: string): string[] => normaliseTags(readCommaList(text));

/** Handles are typed with or without their sign. */
export const readHandles = (text: string): string[] =>
	readCommaList(text.replaceAll('@', '')).map((handle) => handle.toLowerCase());

export const writeCommaList = (parts: readonly string[]): string => parts.join(', ');
