import { normaliseTag } from './tag.ts';

/** The tag in a line of tags that the caret is in, and the others of the line. */
export interface TagAtCaret {
	from: number;
	to: number;
	typed: string;
	others: string[];
}

/** @param caret place in `text`, from 0 */
export function tagAtCaret(text: string, caret: number): TagAtCaret {
	const from = text.lastIndexOf(',', caret - 1) + 1;
	const comma = text.indexOf(',', caret);
	const to = comma === -1 ? text.length : comma;
	const others = `${text.slice(0, from)},${text.slice(to)}`.split(',');
	return {
		from,
		to,
		typed: text.slice(from, to).trim(),
		others: others.map(normaliseTag).filter((tag) => tag !== null)
	};
}

/**
 * The line with a tag in the place of the one the caret is in; behind the last one another can be
 * typed at once.
 */
export function putTag(
	text: string,
	{ from, to }: Pick<TagAtCaret, 'from' | 'to'>,
	tag: string
): { text: string; caret: number } {
	const before = `${text.slice(0, from)}${from === 0 ? '' : ' '}${tag}`;
	if (to < text.length) return { text: before + text.slice(to), caret: before.length };
	return { text: `${before}, `, caret: before.length + 2 };
}
