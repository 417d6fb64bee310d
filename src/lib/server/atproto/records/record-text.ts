import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';

/** What a database cannot keep, what is no text, and what turns the direction of other text. */
const UNWANTED = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const UNWANTED_IN_LINES = /[^\P{Cc}\n\r\t]|[\u202a-\u202e\u2066-\u2069]/u;

/** A line of a record anybody may have written; what can be shown stays as they wrote it. */
export const lineOfRecord = (text: string): string =>
	UNWANTED.test(text) ? cleanLine(text) : text;

/** The same for a text of several lines. */
export const linesOfRecord = (text: string): string =>
	UNWANTED_IN_LINES.test(text) ? cleanLines(text) : text;

/** Whether there is anything in it that can be seen. */
export const isVisible = (text: string): boolean => cleanLine(text) !== '';
