import { type Selectable, sql, type Transaction } from 'kysely';
import type {
	AudioFileTable,
	Database,
	TrackTable,
	TrackVisibility
} from '#lib/server/db/schema.ts';
import { placeInAlbum } from './album-of-track.ts';
import { lockAlbums } from './album-order.ts';
import { existingImage } from './existing-image.ts';
import type { RecordSite } from './record-site.ts';
import { isTaken, keepOvertaken, keepRevision, originalOfEarlier } from './revisions.ts';
import { buryRecord, isBuried, lockRecord } from './tombstones.ts';
import { decodeTrack, type TrackRecord } from './track-record.ts';

type Trx = Transaction<Database>;

/** A track record that was written, by us or by anybody. */
export interface TrackWritten {
	did: string;
	rkey: string;
	cid: string;
	/** revision of the repository it came with; null when it was read without one */
	rev: string | null;
	record: unknown;
	/** only for uploads of ours, which the record does not tell: the file the artist gave us */
	originalFileId?: string | undefined;
	/** the artist has deleted the album it names: a new track joins none */
	isApart?: boolean;
}

export interface TrackRemoved {
	did: string;
	rkey: string;
	/** null when the deletion has not come back from the repository yet */
	rev: string | null;
}

/** What came of it. `ignored` is a reason, not an error: the record is somebody else's to write. */
export type Indexed = { trackId: number } | { ignored: IgnoredBecause };

export type IgnoredBecause =
	/** a newer version of the same record, or its deletion, is known */
	| 'stale'
	| 'deleted'
	/** nobody with a profile here */
	| 'unknown_artist'
	/** the record points to no audio of ours */
	| 'no_audio'
	/** the same artist's other track has the same audio */
	| 'duplicate_audio';

/** Address of a track record. */
export const trackUri = (site: RecordSite, did: string, rkey: string) =>
	`at://${did}/${site.trackCollection}/${rkey}`;

/**
 * The one door by which a track enters the index: for our own writes, for the network's and for a
 * rebuild. It writes what the record says, may be called again with the same event, and an older
 * event changes nothing.
 * @throws InvalidRecord when the record does not fit the lexicon
 */
export async function index(trx: Trx, site: RecordSite, event: TrackWritten): Promise<Indexed> {
	const record = decodeTrack(site, event.record);
	const uri = trackUri(site, event.did, event.rkey);
	await lockRecord(trx, uri);
	await lockAlbums(trx, event.did);
	const known = await findTrack(trx, uri);
	if (known && isOlder(event.rev, known.record_rev)) {
		await keepOvertaken(trx, known, { ...event, fileId: record.fileId });
		return { ignored: 'stale' };
	}
	if (!known && (await isBuried(trx, uri, event.rev))) return { ignored: 'deleted' };

	const audio = await findAudio(trx, record);
	if (!audio) return { ignored: 'no_audio' };
	const artist = await trx
		.selectFrom('artists')
		.select('did')
		.where('did', '=', event.did)
		.executeTakeFirst();
	if (!artist) return { ignored: 'unknown_artist' };

	const facts = {
		record_cid: event.cid,
		record_rev: event.rev ?? known?.record_rev ?? null,
		title: record.title,
		description: record.description,
		features: JSON.stringify(record.features),
		file_id: audio.file_id,
		duration_ms: durationOf(record, audio),
		image_id: await existingImage(trx, record.imageId),
		is_explicit: record.isExplicit,
		visibility: record.isUnlisted ? ('unlisted' as const) : ('public' as const),
		named_album: record.album,
		created_at: record.createdAt,
		indexed_at: new Date()
	};
	const trackId = known
		? await update(trx, known, facts, event)
		: await insert(trx, event, uri, facts);
	if (trackId === null) return { ignored: 'duplicate_audio' };
	await replaceTags(trx, trackId, record.tags);
	await placeInAlbum(trx, {
		trackId,
		did: event.did,
		uri,
		record,
		imageId: facts.image_id,
		namedBefore: known?.named_album,
		isOurs: event.originalFileId !== undefined,
		isApart: event.isApart ?? false
	});
	return { trackId };
}

/**
 * Takes a track out of the index and remembers that its record was deleted, so that an older event
 * cannot bring it back. The audio stays: other tracks may refer to it.
 * @returns whether there was such a track
 */
export async function remove(trx: Trx, site: RecordSite, event: TrackRemoved): Promise<boolean> {
	const uri = trackUri(site, event.did, event.rkey);
	await lockRecord(trx, uri);
	const known = await findTrack(trx, uri);
	if (known && isOlder(event.rev, known.record_rev)) return false;
	await buryRecord(trx, uri, event.rev, known?.id);
	if (!known) return false;
	await trx.deleteFrom('tracks').where('id', '=', known.id).execute();
	return true;
}

/**
 * Remembers audio of ours that was on the record of a track for a while, when the record was read anew
 * before it was entered and names other audio by then.
 */
export async function noteOvertakenAudio(
	trx: Trx,
	site: RecordSite,
	audio: { did: string; rkey: string; fileId: string; originalFileId: string }
): Promise<void> {
	const known = await findTrack(trx, trackUri(site, audio.did, audio.rkey));
	if (known) await keepOvertaken(trx, known, audio);
}

/** Revisions are TIDs: they sort as text. One that is unknown is taken to be the present one. */
const isOlder = (rev: string | null, than: string | null) =>
	rev !== null && than !== null && rev < than;

type KnownTrack = Pick<
	Selectable<TrackTable>,
	'id' | 'record_rev' | 'file_id' | 'original_file_id' | 'duration_ms' | 'named_album'
>;

async function findTrack(trx: Trx, uri: string): Promise<KnownTrack | undefined> {
	return await trx
		.selectFrom('tracks')
		.select(['id', 'record_rev', 'file_id', 'original_file_id', 'duration_ms', 'named_album'])
		.where('record_uri', '=', uri)
		.executeTakeFirst();
}

type Audio = Pick<Selectable<AudioFileTable>, 'file_id' | 'duration_ms'>;

async function findAudio(trx: Trx, { fileId }: TrackRecord): Promise<Audio | undefined> {
	if (fileId === null) return undefined;
	return await trx
		.selectFrom('audio_files')
		.select(['file_id', 'duration_ms'])
		.where('file_id', '=', fileId)
		.executeTakeFirst();
}

/** What was measured is exact; the record rounds to seconds. */
function durationOf(record: TrackRecord, audio: Audio): number | null {
	if (audio.duration_ms !== null) return audio.duration_ms;
	return record.durationSeconds === null ? null : record.durationSeconds * 1000;
}

/** The words a track is found by are those of its record. */
async function replaceTags(trx: Trx, trackId: number, tags: readonly string[]): Promise<void> {
	await trx.deleteFrom('track_tags').where('track_id', '=', trackId).execute();
	if (tags.length === 0) return;
	await trx
		.insertInto('track_tags')
		.values(tags.map((tag) => ({ track_id: trackId, tag })))
		.execute();
}

type Facts = Pick<
	Selectable<TrackTable>,
	| 'record_cid'
	| 'record_rev'
	| 'title'
	| 'file_id'
	| 'description'
	| 'duration_ms'
	| 'image_id'
	| 'is_explicit'
	| 'visibility'
	| 'named_album'
> & { features: string; created_at: Date; indexed_at: Date };

/** @returns null when another track of the artist has this audio already */
async function update(
	trx: Trx,
	known: KnownTrack,
	facts: Facts,
	event: TrackWritten
): Promise<number | null> {
	const original =
		event.originalFileId ?? (await originalOfEarlier(trx, known, facts.file_id)) ?? facts.file_id;
	if (await isTaken(trx, event.did, known.id, original)) return null;
	await keepRevision(trx, known, { file_id: facts.file_id, original_file_id: original });
	await trx
		.updateTable('tracks')
		.set({
			...facts,
			original_file_id: original,
			// one that is being deleted stays hidden, whatever its record says and whenever that began
			visibility: sql<TrackVisibility>`
				case when visibility = 'deleting' then visibility else ${facts.visibility} end`
		})
		.where('id', '=', known.id)
		.execute();
	return known.id;
}

/** @returns null when the artist has a track of this audio already */
async function insert(
	trx: Trx,
	event: TrackWritten,
	uri: string,
	facts: Facts
): Promise<number | null> {
	const row = await trx
		.insertInto('tracks')
		.values({
			...facts,
			artist_did: event.did,
			rkey: event.rkey,
			record_uri: uri,
			original_file_id: event.originalFileId ?? facts.file_id
		})
		.onConflict((conflict) => conflict.constraint('uq_tracks_artist_original').doNothing())
		.returning('id')
		.executeTakeFirst();
	return row?.id ?? null;
}
