/** What some system takes for more than a part of a name, or does not show. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|\ufff9-\uffff]+/gu;
/** Hidden files begin with a dot, and some systems drop one at the end. */
const EDGES = /^[. ]+|[. ]+$/g;
/** Windows keeps these for itself, whatever their extension. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=$|\.)/i;
/** In bytes: a name of more than 255 fits on no disk, and to a name more is added. */
const MAX_PART_BYTES = 100;

/** What of a text can stand in the name of a file anywhere; '' when nothing is left. */
export const safePart = (text: string): string =>
	cut(
		text
			.toWellFormed()
			.normalize('NFC')
			.replace(UNSAFE, ' ')
			.replace(/\s+/g, ' ')
			.replace(EDGES, '')
	).replace(EDGES, '');

/** The name of one file or folder, on any system, that is as near to a text as it can be. */
export function safeName(text: string): string {
	const name = safePart(text);
	if (name === '') return 'untitled';
	return RESERVED.test(name) ? `_${name}` : name;
}

/** As many whole characters as fit. */
function cut(part: string): string {
	let sizeBytes = 0;
	let kept = '';
	for (const { segment } of new Intl.Segmenter().segment(part)) {
		sizeBytes += Buffer.byteLength(segment);
		if (sizeBytes > MAX_PART_BYTES) break;
		kept += segment;
	}
	return kept;
}
