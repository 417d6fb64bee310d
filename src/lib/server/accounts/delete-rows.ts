import { dropAlbum } from '#lib/server/atproto/records/album-items.ts';
import { lockAlbums } from '#lib/server/atproto/records/album-order.ts';
import { dropLike, lockLikes } from '#lib/server/atproto/records/like-rows.ts';
import * as listRecord from '#lib/server/atproto/records/list.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { endOwnSignIns } from '#lib/server/auth/own-sign-ins.ts';
import { revokeTokens } from '#lib/server/auth/developer-tokens.ts';
import type { Context } from '#lib/server/context.ts';
import { deleteReleased, releaseImage } from '#lib/server/storage/release.ts';
import { removeTrack } from '#lib/server/tracks/remove-track.ts';
import { forceAway } from '#lib/server/uploads/force-away.ts';
import {
	deleteLikeDuplicates,
	deleteOwnRows,
	deleteUploadsAndReleases,
	findAlbums,
	findAvatars,
	findLikes,
	findTracks,
	findUploadIds
} from './row-queries.ts';

const reasonOf = (did: string) => ({ who: did, why: 'the account was deleted' });

/**
 * Takes everything of somebody out of the index and the storage, but for objects somebody else refers
 * to. Each step is whole or not done, so that it may be interrupted anywhere and called again.
 * @throws whatever may work another time: an upload somebody is at, the storage
 */
export async function deleteRows(ctx: Context, did: string, signal: AbortSignal): Promise<void> {
	await endOwnSignIns(ctx, { did });
	await revokeTokens(ctx, { did });
	for (const id of await findUploadIds(ctx.db, did)) {
		signal.throwIfAborted();
		await forceAway(ctx, id);
	}
	await deleteUploadsAndReleases(ctx.db, did);
	await deleteAlbums(ctx, did, signal);
	await deleteTracks(ctx, did, signal);
	await deleteLikes(ctx, did, signal);
	signal.throwIfAborted();
	const avatars = await findAvatars(ctx.db, did);
	await ctx.db.transaction().execute((trx) => deleteOwnRows(trx, did));
	await releaseImages(ctx, did, avatars);
}

async function deleteAlbums(ctx: Context, did: string, signal: AbortSignal): Promise<void> {
	const site = recordSite(ctx.config);
	for (;;) {
		const albums = await findAlbums(ctx.db, did);
		if (albums.length === 0) return;
		for (const { id, rkey, image_id: imageId } of albums) {
			signal.throwIfAborted();
			await ctx.db.transaction().execute(async (trx) => {
				if (rkey !== null) await listRecord.remove(trx, site, { did, rkey, rev: null });
				// also one whose record was never written
				await lockAlbums(trx, did);
				await dropAlbum(trx, id);
			});
			await releaseImages(ctx, did, imageId === null ? [] : [imageId]);
		}
	}
}

async function deleteTracks(ctx: Context, did: string, signal: AbortSignal): Promise<void> {
	const site = recordSite(ctx.config);
	const seen = new Set<number>();
	for (;;) {
		const tracks = await findTracks(ctx.db, did);
		if (tracks.length === 0) return;
		for (const { id, rkey, record_uri: uri } of tracks) {
			signal.throwIfAborted();
			if (seen.has(id)) throw new Error(`the track ${uri} cannot be removed`);
			seen.add(id);
			const event = { did, rkey, rev: null };
			const { keys } = await ctx.db
				.transaction()
				.execute((trx) => removeTrack(trx, site, event, reasonOf(did)));
			await deleteReleased(ctx, keys);
		}
	}
}

/** Without a tombstone: a record that stays in the repository may be entered again one day. */
async function deleteLikes(ctx: Context, did: string, signal: AbortSignal): Promise<void> {
	for (;;) {
		signal.throwIfAborted();
		const isEmpty = await ctx.db.transaction().execute(async (trx) => {
			await lockLikes(trx, did);
			await deleteLikeDuplicates(trx, did);
			const likes = await findLikes(trx, did);
			for (const like of likes) await dropLike(trx, like);
			return likes.length === 0;
		});
		if (isEmpty) return;
	}
}

/** One that was given to us within a day stays for the sweep, as everywhere. */
async function releaseImages(
	ctx: Context,
	did: string,
	imageIds: readonly string[]
): Promise<void> {
	for (const imageId of imageIds) {
		const keys = await ctx.db
			.transaction()
			.execute((trx) => releaseImage(trx, imageId, reasonOf(did)));
		await deleteReleased(ctx, keys);
	}
}
