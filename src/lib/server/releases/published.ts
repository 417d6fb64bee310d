import { conflict, type DomainError } from '#lib/server/errors.ts';
import type { ReleaseRow } from './queries.ts';

/** 409: nothing is to be done about this release any more. */
export const albumDeleted = (): DomainError =>
	conflict(
		'album_deleted',
		'the album of this release was deleted with its tracks. begin a new release'
	);

/**
 * 409: it is too late for that, as the release is open.
 * @param instead what its artist can do, as the end of a sentence
 */
export const published = (
	{ album_deletion: deletion }: Pick<ReleaseRow, 'album_deletion'>,
	instead: string
): DomainError =>
	deletion === 'with_tracks'
		? albumDeleted()
		: conflict('release_published', `this release is published. ${instead}`);
