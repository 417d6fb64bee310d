import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { UploadFields } from '#lib/server/db/schema.ts';
import { invalid, unprocessable } from '#lib/server/errors.ts';
import { joinRelease } from '#lib/server/releases/join-release.ts';
import { createUpload, type NewUpload } from './accept.ts';
import { takeAllowance } from './allowance.ts';
import { readFields, readFileName, readModifiedMs, readPath } from './fields.ts';
import { refuseTooManyGivenUp } from './give-up-bytes.ts';
import { alreadyInPlace, freeEarlier, takePlace } from './in-place-of.ts';
import type { UploadRow } from './queries.ts';
import { imageExists, lockArtist } from './receiving-queries.ts';
import { replacedTrack } from './replaced-track.ts';
import { rightsNotConfirmed } from './rights.ts';
import { expiryFromNow } from './tus-bytes.ts';

/** What a request of creation asks for. */
interface Beginning {
	artistDid: string;
	fileName: string;
	fields: UploadFields;
	sizeBytes: number;
	isConfirmed: boolean;
	replacesTrackId: number | undefined;
	releaseId: string | undefined;
	position: number | null;
	/** the upload of the release whose place it is to take */
	inPlaceOf: string | undefined;
}

/** An upload that was begun, or had been before by a request whose answer was lost. */
export interface Begun {
	row: UploadRow;
	isRepeat: boolean;
}

/**
 * Keeps the row of an upload, in its release when the metadata names one. A request that takes the
 * place of another upload may be repeated: it finds the one it made.
 * @throws DomainError 400, 404, 409, 413, 422, 429
 */
export async function beginUpload(
	ctx: Context,
	viewer: Viewer,
	metadata: Map<string, string>,
	sizeBytes: number
): Promise<Begun> {
	const wanted = await readBeginning(ctx, viewer, metadata, sizeBytes);
	const { inPlaceOf } = wanted;
	const begun = await ctx.db.transaction().execute(async (trx) => {
		// two requests for one place: the second one sees what the first one did
		await lockArtist(trx, viewer.did);
		const taken =
			inPlaceOf === undefined ? undefined : await alreadyInPlace(trx, inPlaceOf, wanted);
		if (taken) return { row: taken, isRepeat: true };
		const placed = await findPlace(trx, wanted);
		await takeAllowance(ctx, trx, wanted);
		return { row: await createUpload(trx, placed), isRepeat: false };
	});
	if (!begun.isRepeat) ctx.metrics.uploadsAttempted.add(1);
	if (inPlaceOf !== undefined) await freeEarlier(ctx, inPlaceOf);
	return begun;
}

async function readBeginning(
	ctx: Context,
	viewer: Viewer,
	metadata: Map<string, string>,
	sizeBytes: number
): Promise<Beginning> {
	const fileName = readFileName(metadata.get('filename') ?? metadata.get('name'));
	if (fileName === null) throw invalid('missing_filename', 'no filename provided');
	const isConfirmed = metadata.get('rights_confirmed') === 'true';
	const replaced = await replacedTrack(ctx, viewer, metadata.get('replaces_track_id'));
	if (replaced && !isConfirmed) throw rightsNotConfirmed();
	// what the track says of itself stays
	const fields: UploadFields = replaced
		? { title: replaced.title }
		: readFields(Object.fromEntries(metadata));
	const path = readPath(metadata.get('path'));
	if (path !== undefined) fields.path = path;
	const modifiedMs = readModifiedMs(metadata.get('modified'));
	if (modifiedMs !== undefined) fields.modifiedMs = modifiedMs;
	if (fields.imageId !== undefined && !(await imageExists(ctx.db, fields.imageId))) {
		throw unprocessable('image_id', 'there is no picture with this id');
	}
	return {
		...{ artistDid: viewer.did, fileName, fields, sizeBytes, isConfirmed },
		replacesTrackId: replaced?.id,
		releaseId: replaced ? undefined : metadata.get('release_id'),
		position: readPosition(metadata.get('release_position')),
		inPlaceOf: replaced ? undefined : metadata.get('in_place_of')
	};
}

/** A place in a release, from 1; null when none is said. */
function readPosition(sent: string | undefined): number | null {
	if (sent === undefined) return null;
	if (/^[1-9]\d{0,3}$/.test(sent)) return Number(sent);
	throw unprocessable('release_position', 'the position in a release is a number from 1 on');
}

/** The new upload with its place: that of another one, one in a release, or none. */
async function findPlace(trx: Db, wanted: Beginning): Promise<NewUpload> {
	const { artistDid, releaseId, inPlaceOf, isConfirmed } = wanted;
	const isNewInRelease = releaseId !== undefined && inPlaceOf === undefined;
	if (isNewInRelease) await refuseTooManyGivenUp(trx, artistDid);
	const joined =
		releaseId === undefined
			? undefined
			: await joinRelease(trx, artistDid, releaseId, wanted.position, !isNewInRelease);
	const over =
		inPlaceOf === undefined ? undefined : await takePlace(trx, inPlaceOf, { artistDid, releaseId });
	const release = joined && over ? { ...joined, position: over.position } : joined;
	return {
		artistDid,
		fileName: wanted.fileName,
		fields: { ...over?.fields, ...wanted.fields },
		sizeBytes: wanted.sizeBytes,
		expiresAt: expiryFromNow(),
		idempotencyKey: null,
		release,
		inPlaceOf,
		rightsConfirmedAt: release?.rightsConfirmedAt ?? (isConfirmed ? new Date() : null),
		replacesTrackId: wanted.replacesTrackId
	};
}
