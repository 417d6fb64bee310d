import { countGraphemes, MAX_BIO_GRAPHEMES, MAX_NAME_GRAPHEMES } from '#lib/artists/artist.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';

/** One line without control characters, and without what turns the direction of other text. @throws DomainError 422 naming `display_name` */
export function cleanName(text: string): string {
	const name = cleanLine(text);
	if (countGraphemes(name) > MAX_NAME_GRAPHEMES) {
		throw unprocessable('display_name', `a name has at most ${MAX_NAME_GRAPHEMES} characters`);
	}
	return name;
}

/** Lines without other control characters; null when nothing is left. @throws DomainError 422 */
export function cleanBio(text: string): string | null {
	const bio = cleanLines(text);
	if (countGraphemes(bio) > MAX_BIO_GRAPHEMES) {
		throw unprocessable('bio', `a bio has at most ${MAX_BIO_GRAPHEMES} characters`);
	}
	return bio === '' ? null : bio;
}
