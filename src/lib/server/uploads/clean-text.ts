/**
 * Embeddings, overrides and isolates of direction (Unicode UAX #9, 2.1 to 2.5): what comes after
 * one is shown in another order than it was written in, beyond the end of the text too.
 */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Something one sees: neither space nor format, nor a mark alone, nor one of the letters that are blank. */
const VISIBLE = /[^\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{M}\s\u115f\u1160\u2800\u3164\uffa0]/u;

const unlessInvisible = (text: string): string => (VISIBLE.test(text) ? text : '');

/**
 * One line, without control characters and without what turns the direction of other text; empty
 * when nothing of it can be seen.
 */
export const cleanLine = (text: string): string =>
	unlessInvisible(
		text
			.replace(DIRECTIONS, '')
			.replace(/[\p{Cc}\s]+/gu, ' ')
			.trim()
	);

/** The same for a text of several lines, which may have tabs. */
export const cleanLines = (text: string): string =>
	unlessInvisible(
		text
			.replace(DIRECTIONS, '')
			.replace(/\r\n?/g, '\n')
			.replace(/[^\P{Cc}\n\t]+/gu, ' ')
			.trim()
	);
