import { PdsRefusal } from '#lib/server/atproto/oauth-errors.ts';
import { InvalidRecord } from '#lib/server/atproto/records/invalid-record.ts';
import { decodeTrack, encodeTrack } from '#lib/server/atproto/records/track-record.ts';
import {
	createRecord,
	deleteRecord,
	getRecord,
	type RecordAddress,
	type RepoRecord
} from '#lib/server/atproto/repo.ts';
import type { Feature } from '#lib/server/db/schema.ts';
import { findAudioFile } from '../audio-files.ts';
import { refuseDuplicate } from '../duplicates.ts';
import { UploadRefused } from '../failures.ts';
import type { UploadRow } from '../queries.ts';
import { resolveFeatures } from '../resolve-features.ts';
import { fieldsToPublish } from './fields-to-publish.ts';
import { beginRecord } from './begin-record.ts';
import { replaceAudio, takeBackAudio } from './replace.ts';
import { advanceAlone, found, type StageWork } from './stage.ts';
import { shorten } from './tags.ts';

/**
 * stored → published: the record stands in the artist's repository, under the key that was chosen
 * when the upload began. A record that is there already was written by an attempt that died
 * before it could say so: it is taken as it is.
 * @throws UploadRefused; SignInAgain; PdsUnavailable
 */
export async function publish(work: StageWork): Promise<UploadRow> {
	const { ctx, upload } = work;
	if (upload.replaces_track_id !== null) return await replaceAudio(work, upload.replaces_track_id);
	const address = addressOf(work);
	try {
		await refuseDuplicate(ctx, upload, found('hash', upload.sha256));
	} catch (cause) {
		if (cause instanceof UploadRefused) await withdraw(work, address).catch(throwRefusal);
		throw cause;
	}
	const { features, unknown } = await resolveFeatures(ctx, upload);
	const record = await recordOf(work, features);
	await beginRecord(work);
	const written = await write(work, address, record).catch(throwRefusal);
	return await advanceAlone(work, 'published', {
		message: 'saving track metadata',
		findings: {
			...upload.findings,
			features,
			unknownFeatures: unknown,
			recordUri: written.uri,
			recordCid: written.cid,
			recordRev: written.rev,
			record: written.record
		}
	});
}

const addressOf = ({ site, upload }: StageWork): RecordAddress => ({
	did: upload.artist_did,
	collection: site.trackCollection,
	rkey: upload.rkey
});

/**
 * Makes it as if an upload that is not to be published after all had never been written.
 * @throws SignInAgain; PdsUnavailable; PdsRefusal
 */
export async function takeBackRecord(work: StageWork): Promise<void> {
	const { replaces_track_id: replaces } = work.upload;
	if (replaces === null) await withdraw(work, addressOf(work));
	else await takeBackAudio(work, replaces);
}

async function write(
	work: StageWork,
	address: RecordAddress,
	record: Record<string, unknown>
): Promise<RepoRecord> {
	const { ctx, signal } = work;
	signal.throwIfAborted();
	const created = await createRecord(ctx, address, record, signal);
	return created ?? adopt(work, await getRecord(ctx, address, signal));
}

function throwRefusal(cause: unknown): never {
	if (!(cause instanceof PdsRefusal)) throw cause;
	const sentence = `your personal data server refused the record: ${cause.message}`;
	throw new UploadRefused('record_refused', sentence, cause);
}

/**
 * Takes back the record an attempt wrote that died before it could say so, when the upload turns
 * out to be a duplicate. One that is a track by now stays, as does one of anything else.
 */
async function withdraw(work: StageWork, address: RecordAddress): Promise<void> {
	const { ctx, signal } = work;
	const existing = await getRecord(ctx, address, signal);
	if (!existing || !isOurs(work, existing)) return;
	const track = await ctx.db
		.selectFrom('tracks')
		.select('id')
		.where('record_uri', '=', existing.uri)
		.executeTakeFirst();
	if (track) return;
	signal.throwIfAborted();
	await deleteRecord(ctx, address, signal);
}

/** Whether a record is a track of the very file we stored. */
function isOurs({ site, upload }: StageWork, { record }: RepoRecord): boolean {
	try {
		return decodeTrack(site, record).fileId === upload.findings.streamFileId;
	} catch (cause) {
		if (cause instanceof InvalidRecord) return false;
		throw cause;
	}
}

/** @throws UploadRefused when the artist has no profile or the record would not be valid */
async function recordOf(
	{ ctx, site, upload }: StageWork,
	features: Feature[]
): Promise<Record<string, unknown>> {
	const { findings } = upload;
	const fields = await fieldsToPublish(ctx.db, upload);
	const artist = await ctx.db
		.selectFrom('artists')
		.select('display_name')
		.where('did', '=', upload.artist_did)
		.executeTakeFirst();
	if (!artist) {
		const sentence = 'artist profile not found. make your profile, then try again';
		throw new UploadRefused('no_profile', sentence);
	}
	const file = found(
		'stored file',
		await findAudioFile(ctx.db, found('file id', findings.streamFileId))
	);
	try {
		return encodeTrack(site, {
			title: fields.title,
			artist: shorten(artist.display_name),
			album: fields.album,
			description: fields.description,
			features,
			fileId: file.file_id,
			fileType: file.file_type,
			durationMs: file.duration_ms,
			imageId: fields.imageId,
			tags: fields.tags,
			isExplicit: upload.fields.isExplicit ?? false,
			isUnlisted: upload.fields.isUnlisted ?? false,
			createdAt: fields.createdAt
		});
	} catch (cause) {
		if (!(cause instanceof InvalidRecord)) throw cause;
		throw new UploadRefused('record_invalid', cause.message, cause);
	}
}

/** Takes over the record that is there, when it is a track of the very file we stored. */
function adopt(work: StageWork, existing: RepoRecord | null): RepoRecord {
	// gone between two calls: the next attempt writes it
	if (!existing) throw new Error('the record was there a moment ago and is not any more');
	if (!isOurs(work, existing)) throw recordTaken();
	return existing;
}

const recordTaken = () =>
	new UploadRefused(
		'record_taken',
		'there is another record under the key of this upload in your repository. upload the file once more'
	);
