import { artistPath } from '#lib/artists/artist-path.ts';
import { isDid } from '#lib/auth/handle.ts';
import type { ModeratedSubject } from '#lib/moderation/takedown.ts';
import type { Context } from '#lib/server/context.ts';
import { notFound } from '#lib/server/errors.ts';
import {
	findAccountSubject,
	findDidOfHandle,
	findTrackSubject,
	type SubjectRow
} from './subject-queries.ts';

type Reader = Pick<Context, 'db'>;

/** As pages name it. */
export function presentSubject(row: SubjectRow): ModeratedSubject {
	const { kind, subject, did, handle, track_id: trackId } = row;
	const person = row.display_name ?? handle ?? did;
	const isThere = kind === 'track' ? trackId !== null : handle !== null;
	const name = kind === 'track' ? `${row.title ?? 'a track that is gone'} by ${person}` : person;
	const path =
		kind === 'track'
			? `/track/${trackId}`
			: artistPath({ did, handle: handle ?? 'handle.invalid' });
	return { kind, subject, did, name, path: isThere ? path : null };
}

/**
 * A track that is here, hidden or not.
 * @param address its id, the address of its record, or of its page
 * @throws DomainError 404 `track_not_found`
 */
export async function findTrackToModerate(
	{ db }: Reader,
	address: string
): Promise<ModeratedSubject> {
	const [, id] = /^(?:https?:\/\/[^/]+\/track\/)?([1-9]\d{0,14})(?:[/?#].*)?$/.exec(address) ?? [];
	const [uri] = /at:\/\/[^/\s]+\/[^/\s]+\/[^/?#\s]+/.exec(address) ?? [];
	const row =
		id !== undefined
			? await findTrackSubject(db, { id: Number(id) })
			: uri !== undefined && (await findTrackSubject(db, { uri }));
	if (!row) throw notFound('there is no such track here', 'track_not_found');
	return presentSubject(row);
}

/**
 * An artist who is here, hidden or not.
 * @param address a did, a handle they have or had, or the address of their page
 * @throws DomainError 404 `artist_not_found`
 */
export async function findAccountToModerate(
	{ db }: Reader,
	address: string
): Promise<ModeratedSubject> {
	const name = address
		.replace(/^https?:\/\/[^/]+\/u\//, '')
		.replace(/^@/, '')
		.replace(/[/?#].*$/, '');
	const did = isDid(name) ? name : await findDidOfHandle(db, name.toLowerCase());
	const row = did === undefined ? undefined : await findAccountSubject(db, did);
	if (!row) throw notFound('nobody here publishes music under this name', 'artist_not_found');
	return presentSubject(row);
}
