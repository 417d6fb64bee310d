/**
 * A first guess at a title from a file's name: without extension, track number and underscores.
 * "03 - slow_tide.wav" → "slow tide".
 */
export function titleFromFileName(fileName: string): string {
	const bare = fileName.replace(/\.[a-z0-9]{1,5}$/i, '');
	const spaced = bare.replace(/[_\s]+/g, ' ').trim();
	const unnumbered = spaced.replace(/^\d{1,3}\s*(?:[-.)]\s*|\s)(?=\S)/, '');
	return (unnumbered || spaced).slice(0, 200);
}
