import type { Viewer } from '#lib/auth/viewer.ts';
import type { ReleaseState } from '#lib/releases/release.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { ReleaseFields, UploadFields } from '#lib/server/db/schema.ts';
import { unprocessable } from '#lib/server/errors.ts';
import {
	lockUploadsOfRelease,
	setUploadInRelease
} from '#lib/server/uploads/uploads-of-release.ts';
import { holdAt } from './hold.ts';
import { inOrder, moveTo } from './order.ts';
import { letGo } from './publish-release.ts';
import { published } from './published.ts';
import { changeReleaseRow, type FileRow, findImages, type ReleaseRow, timeOf } from './queries.ts';
import { type ReadChange, readChange, type ReadTrackFields } from './read-change.ts';
import { lockOwnRelease, presentRelease } from './releases.ts';

/**
 * Changes what is said about a release that is not open yet, field by field: of two that are
 * changed at once both stay, and of one that is changed twice the last. Tracks that are not in the
 * release any more are passed over. Taking back the time of a published release opens it.
 * @param sent a `ReleaseChange`
 * @throws DomainError 404 `release_not_found`, 409 `release_published` or `album_deleted`, 422 `invalid_field`
 */
export async function changeRelease(
	ctx: Context,
	viewer: Viewer,
	id: string,
	sent: unknown
): Promise<ReleaseState> {
	const changed = await ctx.db.transaction().execute(async (trx) => {
		const release = await lockOwnRelease(trx, viewer.did, id);
		if (!holdAt(release, await timeOf(trx))) {
			throw published(release, 'edit its album or its tracks instead');
		}
		const files = await lockUploadsOfRelease(trx, id);
		const names = new Map(files.map((file) => [file.id, file.fields.title ?? file.file_name]));
		const change = readChange(sent, (uploadId) => names.get(uploadId) ?? 'a track');
		await refuseUnknownImages(trx, change);
		const isMoved = await changeFiles(trx, release, files, change);
		return await changeItself(ctx, trx, release, files, change, isMoved);
	});
	return await presentRelease(ctx, changed);
}

async function refuseUnknownImages(trx: Db, { fields, tracks = [] }: ReadChange): Promise<void> {
	const asked = [fields, ...tracks.map((track) => track.fields)].flatMap(
		(said) => said?.image_id ?? []
	);
	const known = await findImages(trx, asked);
	if (asked.every((imageId) => known.has(imageId))) return;
	const track = tracks.find(({ fields: said }) => said?.image_id && !known.has(said.image_id));
	const field = track ? `image_id:${track.upload_id}` : 'image_id';
	throw unprocessable(field, 'there is no picture with this id. send the picture first');
}

/** @returns whether the artist has given the files an order */
async function changeFiles(
	trx: Db,
	release: ReleaseRow,
	files: readonly FileRow[],
	{ tracks = [] }: ReadChange
): Promise<boolean> {
	const places = new Map(
		tracks.flatMap(({ upload_id: id, position }): [string, number][] =>
			position === undefined ? [] : [[id, position]]
		)
	);
	const isMoved = files.some((file) => places.has(file.id));
	const present = inOrder(files, release.fields.isOrdered ?? false).map((file) => file.id);
	const order = isMoved ? moveTo(present, places) : [];
	const said = new Map(tracks.map((track) => [track.upload_id, track.fields]));
	for (const file of files) {
		const position = order.indexOf(file.id) + 1;
		const fields = said.get(file.id);
		await setUploadInRelease(trx, file.id, {
			...(fields ? { fields: overlay(file.fields, fields) } : {}),
			...(position > 0 && position !== file.release_position ? { position } : {})
		});
	}
	return isMoved;
}

/** What was said before, with what is said now; null takes a field back. */
function overlay(before: UploadFields, said: ReadTrackFields): UploadFields {
	const { is_explicit: isExplicit, is_unlisted: isUnlisted, image_id: imageId, ...rest } = said;
	return overlaid(before, { ...rest, isExplicit, isUnlisted, imageId });
}

function overlaid<T extends object>(
	before: T,
	said: { [K in keyof T]?: T[K] | null | undefined }
): T {
	const kept = Object.entries({ ...before, ...withoutUndefined(said) });
	return Object.fromEntries(kept.filter(([, value]) => value !== null)) as T;
}

const withoutUndefined = (values: object) =>
	Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

async function changeItself(
	ctx: Context,
	trx: Db,
	release: ReleaseRow,
	files: readonly FileRow[],
	change: ReadChange,
	isMoved: boolean
): Promise<ReleaseRow> {
	const { album_title: albumTitle, image_id: imageId, ...rest } = change.fields ?? {};
	const fields = overlaid<ReleaseFields>(release.fields, {
		...rest,
		albumTitle,
		imageId,
		...(isMoved ? { isOrdered: true } : {})
	});
	const isOpened = release.status === 'published' && change.release_at === null;
	const changed = await changeReleaseRow(trx, release.id, {
		fields: JSON.stringify(fields),
		...(change.release_at === undefined ? {} : { release_at: change.release_at }),
		...(isOpened ? { published_at: await timeOf(trx) } : {}),
		...rightsOf(release, change)
	});
	const isRetimed = changed.status === 'published' && change.release_at !== undefined;
	if (isRetimed) await letGo(ctx, trx, changed, files);
	return changed;
}

/** When rights were confirmed first; a published release keeps the statement it was published with. */
function rightsOf(
	{ status, rights_confirmed_at: confirmedAt }: ReleaseRow,
	{ rights_confirmed: isConfirmed }: ReadChange
) {
	if (isConfirmed === undefined || status === 'published') return {};
	return { rights_confirmed_at: isConfirmed ? (confirmedAt ?? new Date()) : null };
}
