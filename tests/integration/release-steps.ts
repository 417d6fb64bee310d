import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { ReleaseState } from '#lib/releases/release.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { joinRelease } from '#lib/server/releases/join-release.ts';
import { getRelease } from '#lib/server/releases/releases.ts';
import { acceptUpload, createUpload } from '#lib/server/uploads/accept.ts';
import type { UploadRow } from '#lib/server/uploads/queries.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { anyPitch, hashOf, type PublishingSite } from './publishing-site.ts';

export interface FileToDrop {
	fileName: string;
	bytes: Uint8Array;
	/** its last byte does not arrive */
	isCut?: boolean;
}

/** Hands files over as a browser does that drops them into a release. @returns their uploads */
export async function dropFiles(
	ctx: Context,
	did: string,
	releaseId: string,
	files: readonly FileToDrop[]
): Promise<string[]> {
	const ids: string[] = [];
	for (const { fileName, bytes, isCut } of files) {
		const upload = await beginFile(ctx, did, releaseId, { fileName, bytes });
		ids.push(upload.id);
		await ctx.storage.staging.append(upload.id, 0, isCut ? bytes.subarray(1) : bytes);
		if (isCut) continue;
		await acceptUpload(ctx, upload, hashOf(bytes)).catch(async (cause: unknown) => {
			// what tus makes of a file that is published already
			const isKnown = cause instanceof DomainError && cause.code === 'duplicate_upload';
			if (!isKnown) throw cause;
			const { sha256 } = hashOf(bytes);
			await ctx.db
				.updateTable('uploads')
				.set({ status: 'failed', error_code: cause.code, sha256 })
				.where('id', '=', upload.id)
				.execute();
			await ctx.storage.staging.discard(upload.id);
		});
	}
	return ids;
}

/** When a release was settled; null: it is not yet. */
export async function settledAt({ db }: Pick<Context, 'db'>, id: string): Promise<Date | null> {
	const { settled_at: at } = await db
		.selectFrom('releases')
		.select('settled_at')
		.where('id', '=', id)
		.executeTakeFirstOrThrow();
	return at;
}

/** Announces a file of a release: none of it has arrived. */
export async function beginFile(
	ctx: Context,
	did: string,
	releaseId: string,
	{ fileName, bytes }: FileToDrop
): Promise<UploadRow> {
	return await ctx.db.transaction().execute(async (trx) => {
		const { rightsConfirmedAt, ...release } = await joinRelease(trx, did, releaseId, null);
		return await createUpload(trx, {
			artistDid: did,
			fileName,
			fields: { path: fileName },
			sizeBytes: bytes.byteLength,
			expiresAt: null,
			idempotencyKey: null,
			release,
			rightsConfirmedAt
		});
	});
}

/** Lets a file that was announced arrive. */
export async function arrive(ctx: Context, upload: UploadRow, bytes: Uint8Array): Promise<void> {
	await ctx.storage.staging.append(upload.id, 0, bytes);
	await acceptUpload(ctx, upload, hashOf(bytes));
}

/** Six FLACs of one album whose tags count backwards: the first file is its last track. */
export async function sixFlacs(album: string): Promise<FileToDrop[]> {
	const files = [1, 2, 3, 4, 5, 6].map(async (n) => ({
		fileName: `file ${n}.flac`,
		bytes: await makeSample('flac', {
			seconds: 1,
			hertz: anyPitch(),
			tags: { title: `${album} ${7 - n}`, track: String(7 - n), album, date: '2024' }
		})
	}));
	return await Promise.all(files);
}

/** FLACs of one album whose names and tags tell the same number. */
export async function numberedFlacs(
	album: string,
	numbers: readonly number[]
): Promise<FileToDrop[]> {
	const files = numbers.map(async (n) => ({
		fileName: `0${n} - ${album} ${n}.flac`,
		bytes: await makeSample('flac', {
			seconds: 1,
			hertz: anyPitch(),
			tags: { title: `${album} ${n}`, track: String(n), album }
		})
	}));
	return await Promise.all(files);
}

/** What the tracks of an album in tag order are called. */
export const sixTitles = (album: string) => [1, 2, 3, 4, 5, 6].map((n) => `${album} ${n}`);

/** An album as its pages and its record have it, when both have all of these tracks. */
export async function waitForAlbum(
	{ ctx, network }: Pick<PublishingSite, 'ctx' | 'network'>,
	did: string,
	title: string,
	titles: readonly string[]
): Promise<{ id: string; year: number | null }> {
	const end = Date.now() + 20_000;
	for (;;) {
		const albums = await ctx.db
			.selectFrom('albums')
			.selectAll()
			.where('artist_did', '=', did)
			.where('title', '=', title)
			.execute();
		const tracks = await ctx.db
			.selectFrom('tracks')
			.select(['title', 'record_uri'])
			.where('album_id', '=', albums[0]?.id ?? null)
			.orderBy('album_position')
			.execute();
		const records = await listRecordsOf(network.pdsUrl, did);
		const names = new Map(tracks.map((track) => [track.record_uri, track.title]));
		const seen = {
			albums: albums.length,
			index: tracks.map((track) => track.title),
			records: records
				.filter(({ value }) => value.name === title)
				.map(({ value }) => value.items.map(({ subject }) => names.get(subject.uri) ?? '?'))
		};
		const [album] = albums;
		if (album && isDeepStrictEqual(seen, { albums: 1, index: titles, records: [titles] })) {
			return album;
		}
		if (Date.now() > end) assert.fail(JSON.stringify(seen));
		await sleep(100);
	}
}

interface ListedAlbum {
	uri: string;
	value: { name: string; items: { subject: { uri: string } }[] };
}

/** The album records of an artist, as everybody can read them. */
export async function listRecordsOf(pdsUrl: string, did: string): Promise<ListedAlbum[]> {
	const url = new URL('/xrpc/com.atproto.repo.listRecords', pdsUrl);
	url.search = String(new URLSearchParams({ repo: did, collection: 'fm.plyr.dev.list' }));
	const { records } = (await (await fetch(url)).json()) as { records: ListedAlbum[] };
	return records;
}

/** Waits until every upload of a release is as wanted; fails with what they are instead. */
export async function waitForRelease(
	ctx: Context,
	viewer: Viewer,
	id: string,
	statuses: readonly string[],
	limitMs = 60_000,
	errorCode?: string
): Promise<ReleaseState> {
	const end = Date.now() + limitMs;
	for (;;) {
		const release = await getRelease(ctx, viewer, id);
		const isWanted = release.tracks.every(
			({ upload }) =>
				statuses.includes(upload.status) &&
				(errorCode === undefined || upload.error_code === errorCode)
		);
		if (isWanted) return release;
		if (Date.now() > end) {
			assert.fail(
				JSON.stringify(
					release.tracks.map(({ upload: { file_name, status, stage, error, message } }) => [
						file_name,
						status,
						stage,
						error,
						message
					])
				)
			);
		}
		await sleep(50);
	}
}
