/**
 * Whether a browser shows a file or saves it, and what it calls it then. RFC 6266: a plain name for
 * old clients, the exact one in RFC 8187's form.
 */
export function contentDisposition(type: 'inline' | 'attachment', fileName?: string): string {
	if (fileName === undefined) return type;
	const plain = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
	const exact = encodeURIComponent(fileName.toWellFormed()).replace(
		/['()*]/g,
		(character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
	);
	return `${type}; filename="${plain}"; filename*=UTF-8''${exact}`;
}
