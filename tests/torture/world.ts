import type { Selectable } from 'kysely';
import { QUEUES } from './killing.ts';
import type { RecordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import type {
	AlbumItemTable,
	AlbumTable,
	AudioFileTable,
	ImageTable,
	RecordTombstoneTable,
	ReleasedObjectTable,
	ReleaseTable,
	SmallerFileTable,
	TrackRevisionTable,
	TrackTable,
	UploadTable
} from '#lib/server/db/schema.ts';
import { readObject, type WorldObject } from './world-object.ts';

/** A record as its PDS lists it to anybody. */
export interface WorldRecord {
	did: string;
	uri: string;
	cid: string;
	value: Record<string, unknown>;
}

export interface WorldTrack extends Selectable<TrackTable> {
	/** sorted */
	tags: string[];
}

export interface WorldJob {
	queue: string;
	state: string;
	key: string | null;
}

/** Everything there is, at the PDS, in the database and in the storage. */
export interface World {
	/** of tracks */
	records: WorldRecord[];
	/** of albums */
	lists: WorldRecord[];
	albums: Selectable<AlbumTable>[];
	/** in the order of their lists */
	albumItems: Selectable<AlbumItemTable>[];
	releases: Selectable<ReleaseTable>[];
	tracks: WorldTrack[];
	revisions: Selectable<TrackRevisionTable>[];
	audioFiles: Pick<
		Selectable<AudioFileTable>,
		'file_id' | 'sha256' | 'storage_key' | 'size_bytes' | 'file_type'
	>[];
	smallerFiles: Pick<Selectable<SmallerFileTable>, 'of_file_id' | 'file_id'>[];
	images: Pick<Selectable<ImageTable>, 'image_id' | 'renditions'>[];
	tombstones: Pick<Selectable<RecordTombstoneTable>, 'record_uri'>[];
	released: Pick<Selectable<ReleasedObjectTable>, 'storage_key' | 'deleted_at'>[];
	uploads: Pick<
		Selectable<UploadTable>,
		'id' | 'status' | 'stage' | 'error_code' | 'track_id' | 'message' | 'release_id'
	>[];
	/** unfinished ones about what an artist has asked for */
	jobs: WorldJob[];
	objects: WorldObject[];
	/** ids in staging */
	staged: string[];
	/** pictures that are of something else than a track: avatars, covers, what was given with a file or release */
	otherImageIds: string[];
}

/** Where to look. */
export interface WorldPlaces {
	ctx: Pick<Context, 'db' | 'sql' | 'storage'>;
	pdsUrl: string;
	dids: readonly string[];
	site: Pick<RecordSite, 'trackCollection' | 'listCollection'>;
}

/** Reads it all, every byte of it. */
export async function readWorld({ ctx, pdsUrl, dids, site }: WorldPlaces): Promise<World> {
	const records: WorldRecord[] = [];
	const lists: WorldRecord[] = [];
	for (const did of dids) {
		records.push(...(await listRecords(pdsUrl, did, site.trackCollection)));
		lists.push(...(await listRecords(pdsUrl, did, site.listCollection)));
	}
	const objects: WorldObject[] = [];
	for await (const { key } of ctx.storage.list('')) objects.push(await readObject(ctx, key));
	const staged: string[] = [];
	for await (const { id } of ctx.storage.staging.list()) staged.push(id);
	return { records, lists, objects, staged, ...(await readRows(ctx)) };
}

async function readRows({
	db,
	sql
}: WorldPlaces['ctx']): Promise<Omit<World, 'records' | 'lists' | 'objects' | 'staged'>> {
	const tags = await db.selectFrom('track_tags').selectAll().orderBy('tag').execute();
	const tracks = await db.selectFrom('tracks').selectAll().execute();
	const albums = await db.selectFrom('albums').selectAll().orderBy('created_at').execute();
	const releases = await db.selectFrom('releases').selectAll().execute();
	return {
		albums,
		releases,
		albumItems: await db.selectFrom('album_items').selectAll().orderBy('position').execute(),
		tracks: tracks.map((track) => ({
			...track,
			tags: tags.filter((one) => one.track_id === track.id).map(({ tag }) => tag)
		})),
		revisions: await db.selectFrom('track_revisions').selectAll().execute(),
		audioFiles: await db
			.selectFrom('audio_files')
			.select(['file_id', 'sha256', 'storage_key', 'size_bytes', 'file_type'])
			.execute(),
		smallerFiles: await db.selectFrom('smaller_files').select(['of_file_id', 'file_id']).execute(),
		images: await db.selectFrom('images').select(['image_id', 'renditions']).execute(),
		otherImageIds: await readOtherImageIds(db, albums, releases),
		tombstones: await db.selectFrom('record_tombstones').select(['record_uri']).execute(),
		released: await db
			.selectFrom('released_objects')
			.select(['storage_key', 'deleted_at'])
			.execute(),
		uploads: await db
			.selectFrom('uploads')
			.select(['id', 'status', 'stage', 'error_code', 'track_id', 'message', 'release_id'])
			.execute(),
		jobs: await sql<WorldJob[]>`
			select name as queue, state::text, singleton_key as key from pgboss.job
			where state < 'completed' and name = any(${QUEUES})`
	};
}

/** What was given with a file that failed, or with a release, is kept for a month: either may go on. */
async function readOtherImageIds(
	db: WorldPlaces['ctx']['db'],
	albums: World['albums'],
	releases: World['releases']
): Promise<string[]> {
	const artists = await db.selectFrom('artists').select('avatar_image_id').execute();
	const failed = await db
		.selectFrom('uploads')
		.select('fields')
		.where('status', '=', 'failed')
		.execute();
	return [
		...albums.map(({ image_id: id }) => id),
		...artists.map(({ avatar_image_id: id }) => id),
		...[...failed, ...releases].map(({ fields }) => fields.imageId)
	].filter((id) => typeof id === 'string');
}

/** Every record of a collection in somebody's repository. */
export async function listRecords(
	pdsUrl: string,
	did: string,
	collection: string
): Promise<WorldRecord[]> {
	const records: WorldRecord[] = [];
	let cursor: string | undefined;
	do {
		const url = new URL('/xrpc/com.atproto.repo.listRecords', pdsUrl);
		url.search = new URLSearchParams({
			repo: did,
			collection,
			limit: '100',
			...(cursor ? { cursor } : {})
		}).toString();
		const response = await fetch(url);
		if (!response.ok) throw new Error(`the records cannot be listed: ${await response.text()}`);
		const page = (await response.json()) as { records: WorldRecord[]; cursor?: string };
		records.push(...page.records.map((record) => ({ ...record, did })));
		cursor = page.cursor;
	} while (cursor);
	return records;
}
