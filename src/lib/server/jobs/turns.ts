import type { Config } from '#lib/server/config.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { WorkLock, WorkLocks } from './work-locks.ts';

const MOST_OF_ONE_ARTIST = 3;

/**
 * How many uploads of one artist are worked on at the same time, in all processes together. One
 * place is always somebody else's: an artist whose server never answers must not hold them all.
 */
export const jobsOfOneArtist = ({ jobsAtOnce }: Pick<Config, 'jobsAtOnce'>): number =>
	Math.min(MOST_OF_ONE_ARTIST, Math.max(1, jobsAtOnce - 1));

/**
 * When it is an upload's turn: artists take turns, so the second upload of one comes after the
 * first of everybody, the third after the second of everybody.
 */
export async function turnOf(
	trx: Db,
	uploadId: string
): Promise<{ group?: { id: string }; priority?: number }> {
	const upload = await trx
		.selectFrom('uploads as own')
		.select((eb) => [
			'own.artist_did',
			eb
				.selectFrom('uploads as others')
				.select((other) => other.fn.countAll<number>().as('count'))
				.whereRef('others.artist_did', '=', 'own.artist_did')
				.whereRef('others.id', '!=', 'own.id')
				.where('others.status', 'in', ['pending', 'processing'])
				.as('before')
		])
		.where('own.id', '=', uploadId)
		.executeTakeFirst();
	if (!upload) return {};
	return { group: { id: upload.artist_did }, priority: -(upload.before ?? 0) };
}

/**
 * Takes one of an artist's places among the workers; it ends with this process.
 * @param artistDid absent for a job of the version before, which knows no artist
 * @returns null: all of them are taken
 */
export async function takePlace(
	ctx: Pick<Context, 'config'>,
	locks: WorkLocks,
	artistDid: string | null | undefined
): Promise<WorkLock | null> {
	if (!artistDid) return { signal: new AbortController().signal, release: () => Promise.resolve() };
	for (let place = 0; place < jobsOfOneArtist(ctx.config); place++) {
		const lock = await locks.take(`artist:${artistDid}:${place}`);
		if (lock) return lock;
	}
	return null;
}
