import { sql, type Transaction } from 'kysely';
import type { Database } from '#lib/server/db/schema.ts';
import { decodeLike } from './like-record.ts';
import {
	dropLike,
	findKnownLike,
	insertLike,
	type LikeFacts,
	lockLikes,
	updateLike
} from './like-rows.ts';
import type { RecordSite } from './record-site.ts';
import { buryRecord, isBuried } from './tombstones.ts';

type Trx = Transaction<Database>;

/** A like record that was written, by us or by anybody. */
export interface LikeWritten {
	did: string;
	rkey: string;
	cid: string;
	/** revision of the repository it came with; null when it was read without one */
	rev: string | null;
	record: unknown;
}

export interface LikeRemoved {
	did: string;
	rkey: string;
	/** null when the deletion has not come back from the repository yet */
	rev: string | null;
}

/** What came of it. `ignored` is a reason, not an error. */
export type LikeIndexed =
	| { trackId: number }
	| {
			ignored:
				/** a newer version of the same record, or its deletion, is known */
				| 'stale'
				| 'deleted'
				/** nothing that is listed here */
				| 'unknown_track';
	  };

/** Address of a like record. */
export const likeUri = (site: RecordSite, did: string, rkey: string) =>
	`at://${did}/${site.likeCollection}/${rkey}`;

/**
 * The one door by which a like enters the index: for our own writes, for the network's and for a
 * rebuild. It writes what the record says, may be called again with the same event, and an older
 * event changes nothing. Whoever likes a track twice is counted once.
 * @throws InvalidRecord when the record does not fit the lexicon
 */
export async function index(trx: Trx, site: RecordSite, event: LikeWritten): Promise<LikeIndexed> {
	const { subject, createdAt } = decodeLike(site, event.record);
	const { did, rkey } = event;
	const uri = likeUri(site, did, rkey);
	await lockLikes(trx, did);
	const known = await findKnownLike(trx, uri);
	if (known && isOlder(event.rev, known.record_rev)) return { ignored: 'stale' };
	if (!known && (await isBuried(trx, uri, event.rev))) return { ignored: 'deleted' };
	const track = await trx
		.selectFrom('tracks')
		.select('id')
		.where('record_uri', '=', subject.uri)
		// it is there until this is entered
		.forKeyShare()
		.executeTakeFirst();
	if (known && known.track_id !== track?.id) await dropLike(trx, known);
	if (!track) return { ignored: 'unknown_track' };
	const facts: LikeFacts = {
		did,
		rkey,
		record_uri: uri,
		record_cid: event.cid,
		record_rev: event.rev ?? known?.record_rev ?? null,
		track_id: track.id,
		subject_uri: subject.uri,
		subject_cid: subject.cid,
		created_at: believable(createdAt)
	};
	if (known?.track_id === track.id) await updateLike(trx, known, facts);
	else await insertLike(trx, facts);
	await rememberPerson(trx, did);
	return { trackId: track.id };
}

/**
 * Takes a like out of the index and remembers that its record was deleted, so that an older event
 * cannot bring it back.
 * @returns whether there was such a like
 */
export async function remove(
	trx: Trx,
	site: RecordSite,
	{ did, rkey, rev }: LikeRemoved
): Promise<boolean> {
	const uri = likeUri(site, did, rkey);
	await lockLikes(trx, did);
	const known = await findKnownLike(trx, uri);
	if (known && isOlder(rev, known.record_rev)) return false;
	await buryRecord(trx, uri, rev);
	if (known) await dropLike(trx, known);
	return known !== undefined;
}

/** Revisions are TIDs: they sort as text. One that is unknown is taken to be the present one. */
const isOlder = (rev: string | null, than: string | null) =>
	rev !== null && than !== null && rev < than;

/** Lists are sorted by it: nobody stays on top of them with a like from the future. */
const believable = (at: Date): Date => new Date(Math.min(Math.max(at.getTime(), 0), Date.now()));

/** Who likes something is shown by name: of who has no profile here, somebody finds out in the background. */
async function rememberPerson(trx: Trx, did: string): Promise<void> {
	const isArtist = sql`exists (select 1 from artists where did = ${did})`;
	await trx
		.insertInto('people')
		.values({ did, wanted_at: sql<Date | null>`case when ${isArtist} then null else now() end` })
		.onConflict((conflict) => conflict.doNothing())
		.execute();
}
