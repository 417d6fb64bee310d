const MOST_CHARACTERS = 200;

/**
 * The words of an error without whatever may be about a person: addresses, names, what was typed, ids.
 * What is in double quotes is somebody's text; names of the program's own are in single ones.
 */
export function cleanText(text: string): string {
	return text
		.replace(/"[^"]*"?/g, '"…"')
		.replace(/'(?![\w$.]{1,40}')[^']*'/g, "'…'")
		.replace(/\b(?:at|blob|data|https?|wss?):\/{0,2}[^\s)'"]+/gi, 'address')
		.replace(/\bdid:[a-z]+:[\w.:%-]+/gi, 'did')
		.replace(/[\w.+-]*@[\w-]+(?:\.[\w-]+)+/g, 'name')
		.replace(/\/[^\s)'"]*/g, '/…')
		.replace(/\?[^\s)'"]*/g, '')
		.replace(/[\w-]{24,}/g, '…')
		.replace(/\d{5,}/g, '…')
		.replace(/\s+/g, ' ')
		.trim()
		.slice(0, MOST_CHARACTERS);
}
