/** What some system takes for more than a part of a name, or does not show. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|\ufff9-\uffff]+/gu;
/** In bytes: a name of more than 255 fits on no disk, and a browser may add to it. */
const MAX_PART_BYTES = 100;

/**
 * What a browser calls the file of a track when somebody saves it: "artist - title.flac". Whatever
 * artist and title are, it is the name of one file, of the type it has, in the folder it is put in.
 */
export function downloadName(of: { artist: string; title: string; fileType: string }): string {
	const parts = [of.artist, of.title].map((text) => cut(safePart(text)));
	const name = parts.filter((part) => part !== '').join(' - ');
	return `${name || 'track'}.${of.fileType}`;
}

const safePart = (text: string): string =>
	text
		.toWellFormed()
		.normalize('NFC')
		.replace(UNSAFE, ' ')
		.replace(/\s+/g, ' ')
		// hidden files begin with a dot, and some systems drop one at the end
		.replace(/^[. ]+|[. ]+$/g, '');

/** As many whole characters as fit. */
function cut(part: string): string {
	let sizeBytes = 0;
	let kept = '';
	for (const { segment } of new Intl.Segmenter().segment(part)) {
		sizeBytes += Buffer.byteLength(segment);
		if (sizeBytes > MAX_PART_BYTES) break;
		kept += segment;
	}
	return kept.trimEnd();
}
