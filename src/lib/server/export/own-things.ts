import type { ZipEntry } from '#lib/server/zip/zip.ts';
import { type ExportParts, jsonFile, jsonList, textFile } from './contents.ts';
import { coverOf } from './music.ts';
import { eachLike, findAlbums, findOwnRows, type findProfile } from './queries.ts';

type Profile = Awaited<ReturnType<typeof findProfile>>;

/** Profile, albums with their covers, likes, and whatever else is kept of somebody. */
export async function* ownFiles(
	parts: ExportParts,
	profile: Profile
): AsyncGenerator<ZipEntry, void> {
	yield* profileFiles(parts, profile);
	yield* albumFiles(parts);
	yield { name: 'likes.json', modifiedAt: new Date(), content: jsonList(likes(parts)) };
	const rows = await findOwnRows(parts.ctx.db, parts.did);
	for (const [name, value] of Object.entries(rows)) {
		if (value !== null) yield jsonFile(`${name.replaceAll('_', '-')}.json`, value);
	}
}

async function* profileFiles(parts: ExportParts, profile: Profile): AsyncGenerator<ZipEntry, void> {
	if (!profile) {
		yield textFile('profile.txt', 'there is no artist profile.\n');
		return;
	}
	const { renditions, ...fields } = profile;
	yield jsonFile('profile.json', fields, profile.updated_at);
	const avatar = await coverOf(parts.ctx, renditions, parts.signal);
	if (avatar) yield { name: 'avatar.jpg', modifiedAt: profile.updated_at, content: avatar };
}

async function* albumFiles(parts: ExportParts): AsyncGenerator<ZipEntry, void> {
	const albums = await findAlbums(parts.ctx.db, parts.did);
	const listed: unknown[] = [];
	for (const { renditions, ...album } of albums) {
		const cover = await coverOf(parts.ctx, renditions, parts.signal);
		const path = cover && parts.names.path(['covers'], album.title, 'jpg');
		listed.push({ ...album, cover: path });
		if (cover && path) yield { name: path, modifiedAt: album.created_at, content: cover };
	}
	parts.contents.albums = albums.length;
	yield jsonFile('albums.json', listed);
}

async function* likes({ ctx, did, contents }: ExportParts): AsyncGenerator<unknown, void> {
	for await (const like of eachLike(ctx.db, did)) {
		contents.likes += 1;
		yield {
			title: like.title,
			artist: like.artist,
			track: like.subject_uri,
			record: like.record_uri,
			liked_at: like.created_at
		};
	}
}
