/** One `key=value` line of ffprobe's flat writer (`-of flat`), with the value as text. */
export interface FlatLine {
	key: string;
	value: string;
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r' };

function unescape(text: string): string {
	// ffprobe escapes the backslash, quotes, `$`, the backtick and line breaks with a backslash; a
	// lone one at the end is a line that was cut.
	return text.replace(/\\(.?)/gs, (_all, character: string) => ESCAPES[character] ?? character);
}

/**
 * Reads one line such as `format.tags.title="a \"b\""` or `streams.stream.0.channels=2`.
 *
 * ffprobe writes every character of a key that is not a letter, a digit or `_` as `_`. A value cut
 * short is read as far as it goes. Returns null for anything else. Source: fftools/ffprobe.c,
 * flat_print_str and flat_escape_value_str.
 */
export function parseFlatLine(line: string): FlatLine | null {
	const equals = line.indexOf('=');
	if (equals <= 0) return null;
	const key = line.slice(0, equals);
	const raw = line.slice(equals + 1);
	if (!raw.startsWith('"')) return { key, value: raw };
	const closed = raw.length > 1 && /(?<!\\)(\\\\)*"$/.test(raw);
	return { key, value: unescape(raw.slice(1, closed ? -1 : undefined)) };
}
