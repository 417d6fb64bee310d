/** Bytes of an object, both ends inclusive, within it. */
export interface ByteRange {
	start: number;
	end: number;
}

/** What a Range header asks of an object of known size. */
export type RangeRequest =
	| { kind: 'whole' }
	| { kind: 'unsatisfiable' }
	| { kind: 'partial'; ranges: [ByteRange, ...ByteRange[]] };

/** More than this many ranges is an attack or a mistake: the answer is the whole object. */
const MAX_RANGES = 16;
/** A part of a multipart answer costs about this much around its bytes. */
const SMALL_GAP_BYTES = 128;

const UNIT = /^bytes[ \t]*=(.*)$/i;
const SPEC = /^(\d*)-(\d*)$/;
const WHOLE: RangeRequest = { kind: 'whole' };

/**
 * Reads a Range header (RFC 9110 §14.1.2, §14.2). Malformed headers, other units and too many
 * ranges are ignored; ranges that overlap or almost touch are joined.
 */
export function parseRange(header: string | null, sizeBytes: number): RangeRequest {
	const list = header === null ? undefined : UNIT.exec(header.trim())?.[1];
	if (list === undefined) return WHOLE;
	// empty elements of a list are allowed (§5.6.1.2)
	const specs = list
		.split(',')
		.map((spec) => spec.trim())
		.filter((spec) => spec !== '');
	if (specs.length === 0 || specs.length > MAX_RANGES) return WHOLE;

	const ranges: ByteRange[] = [];
	for (const spec of specs) {
		const range = parseSpec(spec, sizeBytes);
		if (range === 'malformed') return WHOLE;
		if (range !== 'outside') ranges.push(range);
	}
	const [first, ...rest] = joinRanges(ranges);
	if (first === undefined) return { kind: 'unsatisfiable' };
	// the end of an empty object is all of it, and no range can name that
	if (sizeBytes === 0) return WHOLE;
	return { kind: 'partial', ranges: [first, ...rest] };
}

function parseSpec(spec: string, sizeBytes: number): ByteRange | 'malformed' | 'outside' {
	const match = SPEC.exec(spec);
	if (!match) return 'malformed';
	const [, first = '', last = ''] = match;
	if (first === '' && last === '') return 'malformed';
	if (first === '') {
		const suffixBytes = Number(last);
		if (suffixBytes === 0) return 'outside';
		return { start: Math.max(0, sizeBytes - suffixBytes), end: sizeBytes - 1 };
	}
	const start = Number(first);
	const end = last === '' ? Infinity : Number(last);
	if (end < start) return 'malformed';
	if (start >= sizeBytes) return 'outside';
	return { start, end: Math.min(end, sizeBytes - 1) };
}

/** Joins what can be sent as one; keeps the order that was asked for when nothing is joined. */
function joinRanges(ranges: ByteRange[]): ByteRange[] {
	const joined: ByteRange[] = [];
	for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
		const last = joined.at(-1);
		if (last && range.start <= last.end + 1 + SMALL_GAP_BYTES) {
			last.end = Math.max(last.end, range.end);
		} else joined.push({ ...range });
	}
	return joined.length === ranges.length ? ranges : joined;
}
