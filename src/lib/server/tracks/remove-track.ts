import type { Transaction } from 'kysely';
import type { RecordSite } from '#lib/server/atproto/records/record-site.ts';
import { remove, type TrackRemoved, trackUri } from '#lib/server/atproto/records/track.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { releaseAudio, releaseImage, type ReleaseReason } from '#lib/server/storage/release.ts';
import { lockContents } from '#lib/server/storage/released-keys.ts';
import { findFilesOf } from './file-queries.ts';

/**
 * Takes a track whose record is gone out of the index, with every file that only it referred to.
 * @returns keys whose objects are to be deleted after the transaction (`deleteReleased`)
 */
export async function removeTrack(
	trx: Transaction<Database>,
	site: RecordSite,
	event: TrackRemoved,
	reason: ReleaseReason
): Promise<{ keys: string[] }> {
	const files = await findFilesOf(trx, trackUri(site, event.did, event.rkey));
	if (!(await remove(trx, site, event))) return { keys: [] };
	const keys: string[] = [];
	await lockContents(trx, files.audio);
	for (const fileId of files.audio) keys.push(...(await releaseAudio(trx, fileId, reason)));
	if (files.imageId) keys.push(...(await releaseImage(trx, files.imageId, reason)));
	return { keys };
}
