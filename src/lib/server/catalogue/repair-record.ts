import type { TrackValues } from '#lib/tracks/track-values.ts';
import { mendTrack } from '#lib/server/atproto/records/mend-track.ts';
import { overlayTrack, type TrackOverlay } from '#lib/server/atproto/records/overlay-track.ts';
import { recordSite, type RecordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Indexed } from '#lib/server/atproto/records/track.ts';
import { encodeTrack, type TrackToPublish } from '#lib/server/atproto/records/track-record.ts';
import { readRecord, readRevision } from '#lib/server/atproto/read-repo.ts';
import { createRecord, type RepoRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import { conflict, unavailable } from '#lib/server/errors.ts';
import { valuesOfRow } from '#lib/server/tracks/values.ts';
import { writeTrack } from '#lib/server/tracks/write-track.ts';
import { keptTrackRow } from '#lib/server/tracks/tracks.ts';
import { shorten } from '#lib/server/uploads/stages/tags.ts';
import { compareRecord } from './compare-record.ts';
import { findFacts, type TrackFacts } from './fact-queries.ts';
import { judgeRecord, tryDecode } from './judge-record.ts';
import type { ProblemRow } from './problem-queries.ts';
import { takeRecord } from './take-record.ts';

type Subject = Pick<ProblemRow, 'track_id' | 'choice'>;

/**
 * Makes a track and its record say the same: a record that is missing is written again from the
 * index; of two versions the record's is taken, unless the artist chose ours. It looks at how things
 * are now, not at how they were found.
 * @throws SignInAgain, PdsUnavailable, PdsRefusal, InvalidRecord, DomainError 409
 */
export async function repairRecord(
	ctx: Context,
	{ track_id: trackId, choice }: Subject,
	signal?: AbortSignal
): Promise<void> {
	const row = trackId === null ? undefined : await findFacts(ctx.db, trackId);
	if (!row) return;
	const verdict = await judgeRecord(ctx, row.artist_did, row.rkey, signal);
	if (verdict.is === 'newer') {
		await takeAsTruth(ctx, row, verdict.current, 'another program wrote it');
	}
	if (verdict.is !== 'problem') return;
	const { kind, detail } = verdict.finding;
	if (kind === 'record_missing') await writeAgain(ctx, row, signal);
	else if (kind === 'record_unreadable') await writeOurs(ctx, row);
	else if (choice === 'ours' || detail.cannotTake) await writeOurs(ctx, row);
	else await takeTheirs(ctx, row, signal);
}

/**
 * Takes a record that no row is about into the index.
 * @throws PdsUnavailable, PdsRefusal, InvalidRecord, DomainError 409
 */
export async function listRecord(
	ctx: Context,
	{ artist_did: did, subject_uri: uri }: Pick<ProblemRow, 'artist_did' | 'subject_uri'>,
	signal?: AbortSignal
): Promise<void> {
	const rkey = uri.slice(uri.lastIndexOf('/') + 1);
	const collection = recordSite(ctx.config).trackCollection;
	// asked for first: what is read afterwards is at least as new, also than a deletion of before
	const rev = await readRevision(ctx, did, signal);
	const found = await readRecord(ctx, { did, collection, rkey }, signal);
	if (!found) return;
	const why = 'repair: it was not listed';
	refuseIgnored(await takeRecord(ctx, { ...found, did, rkey, rev }, why));
}

/** The record as it would have been published, under its own key, with its first date. */
async function writeAgain(ctx: Context, row: TrackFacts, signal?: AbortSignal): Promise<void> {
	const site = recordSite(ctx.config);
	const { artist_did: did, rkey } = row;
	const why = 'repair: it was missing';
	const address = { did, collection: site.trackCollection, rkey, why };
	const record = encodeTrack(site, trackToPublish(row));
	signal?.throwIfAborted();
	const written = await createRecord(ctx, address, record, signal);
	// somebody was faster: theirs is the truth
	const current = written ?? (await readRecord(ctx, address, signal));
	if (!current) throw movedMeanwhile();
	await takeAsTruth(ctx, row, current, why);
}

async function takeTheirs(ctx: Context, row: TrackFacts, signal?: AbortSignal): Promise<void> {
	const { artist_did: did, rkey } = row;
	const collection = recordSite(ctx.config).trackCollection;
	const current = await readRecord(ctx, { did, collection, rkey }, signal);
	if (!current) throw movedMeanwhile();
	await takeAsTruth(ctx, row, current, 'repair: the record’s version was chosen');
}

async function takeAsTruth(
	ctx: Context,
	{ artist_did: did, rkey }: TrackFacts,
	current: RepoRecord,
	why: string
): Promise<void> {
	refuseIgnored(await takeRecord(ctx, { did, rkey, ...current }, why));
}

const movedMeanwhile = () =>
	unavailable(
		'record_busy',
		'another program writes and deletes this record at this moment. try again in a moment',
		{ retryAfterSeconds: 5 }
	);

function refuseIgnored(result: Indexed): void {
	if ('trackId' in result || result.ignored === 'stale') return;
	const sentences: Record<Exclude<typeof result.ignored, 'stale'>, string> = {
		deleted: 'this track was deleted here, and its record is from before that',
		unknown_artist: 'there is no artist profile to list it under',
		no_audio: 'the audio its record names is not one of ours',
		duplicate_audio: 'another track of yours is of the same file'
	};
	throw conflict(result.ignored, sentences[result.ignored]);
}

/** What the index says, laid over the record as it is: only what differs, and everything else stays. */
async function writeOurs(ctx: Context, row: TrackFacts): Promise<void> {
	const site = recordSite(ctx.config);
	const track = await keptTrackRow(ctx, row.id);
	await writeTrack(ctx, track, (current) => withOurs(site, row, current), {
		why: 'repair: the version here was chosen'
	});
}

function withOurs(
	site: RecordSite,
	row: TrackFacts,
	{ record: current }: RepoRecord
): Record<string, unknown> | null {
	const decoded = tryDecode(site, current);
	if ('unreadable' in decoded) return mendTrack(site, current, trackToPublish(row));
	const differing = compareRecord(row, decoded.record, new Set([decoded.record.imageId ?? '']));
	const fields = new Set<string>(differing.map(({ field }) => field));
	const values = Object.entries(valuesOfRow(row)).filter(([field]) => fields.has(field));
	const overlay: TrackOverlay = { ...(Object.fromEntries(values) as Partial<TrackValues>) };
	if (fields.has('audio')) {
		overlay.audio = { fileId: row.file_id, fileType: row.file_type, durationMs: row.duration_ms };
	}
	if (!fields.has('createdAt')) return overlayTrack(site, current, overlay);
	const dated = { ...current, createdAt: row.created_at.toISOString() };
	return overlayTrack(site, dated, overlay) ?? dated;
}

const trackToPublish = (row: TrackFacts): TrackToPublish => ({
	title: row.title,
	artist: shorten(row.artist_name),
	album: row.album_title ?? undefined,
	description: row.description ?? undefined,
	features: row.features,
	fileId: row.file_id,
	fileType: row.file_type,
	durationMs: row.duration_ms,
	imageId: row.image_id ?? undefined,
	tags: row.tags,
	isExplicit: row.is_explicit,
	isUnlisted: row.listed_as === 'unlisted',
	createdAt: row.created_at
});
