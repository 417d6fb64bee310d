const NAMES: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;'
};

/** Characters XML has no place for, and halves of characters. */
const IMPOSSIBLE = /[^\P{Cc}\t\n\r]|[\p{Surrogate}\ufffe\uffff]/gu;

/** Text as it can stand in HTML, XML and SVG, between tags and within quoted attributes. */
export const escapeMarkup = (text: string): string =>
	text.replace(IMPOSSIBLE, '\ufffd').replace(/[&<>"']/g, (found) => NAMES[found] ?? '');
