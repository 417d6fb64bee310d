const MAX_STEM_CHARACTERS = 120;

/** The name without folders and extension, fit for any file system; `audio` when nothing is left. */
function cleanStem(fileName: string | null): string {
	const base = (fileName ?? '').split(/[/\\]/).at(-1) ?? '';
	const stem = base
		.replace(/\.[^.]{1,10}$/, '')
		// How browsers write quotes and line breaks in a form (WHATWG HTML, multipart encoding).
		.replace(/%(22|0A|0D)/gi, '')
		.normalize('NFC')
		.replace(/[\p{Cc}\p{Cf}\p{Cs}<>:"|?*]/gu, '')
		.replace(/^[\s.]+|[\s.]+$/g, '');
	return stem.slice(0, MAX_STEM_CHARACTERS).replace(/\p{Cs}$/u, '') || 'audio';
}

/** RFC 8187 §3.2.1: everything but attr-char is percent-encoded. */
function extendedValue(text: string): string {
	return encodeURIComponent(text).replace(
		/['()*]/g,
		(character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
	);
}

/**
 * The Content-Disposition of a converted file: the received name with another extension
 * (RFC 6266). A name outside ASCII is given twice, as RFC 8187 has it and simplified.
 */
export function attachmentHeader(receivedName: string | null, extension: string): string {
	const name = `${cleanStem(receivedName)}.${extension}`;
	const plain = name
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.replace(/[^\x20-\x7e]|[%\\]/g, '_');
	const header = `attachment; filename="${plain}"`;
	return plain === name ? header : `${header}; filename*=UTF-8''${extendedValue(name)}`;
}
