import type { FileTags, UploadFields, UploadFindings } from '#lib/server/db/schema.ts';
import { tagsOfGenres } from '#lib/tracks/tag.ts';
import { factsOfFileName } from '#lib/uploads/file-name-facts.ts';

/** What is known about one file of a release. */
export interface KnownFile {
	file_name: string;
	fields: Pick<UploadFields, 'path'>;
	findings: Pick<UploadFindings, 'tags' | 'coverImageId'>;
}

/** What a file says about its track, or its name while it has not arrived. */
export interface TrackSuggestion {
	title: string;
	artist: string | null;
	trackNumber: number | null;
	discNumber: number | null;
	year: number | null;
	tags: string[];
	isrc: string | null;
	hasLyrics: boolean;
	imageId: string | null;
}

/** What is taken for a track where its artist has said nothing. */
export function suggestTrack(file: KnownFile): TrackSuggestion {
	const tags: FileTags = file.findings.tags ?? {};
	const name = factsOfFileName(file.fields.path ?? file.file_name);
	return {
		title: tags.title || name.title || 'untitled',
		artist: tags.artist ?? name.artist ?? null,
		trackNumber: tags.trackNumber ?? name.trackNumber ?? null,
		discNumber: tags.discNumber ?? name.discNumber ?? null,
		year: tags.year ?? name.year ?? null,
		tags: tagsOfGenres(tags.genres ?? []),
		isrc: tags.isrc ?? null,
		hasLyrics: Boolean(tags.lyrics),
		imageId: file.findings.coverImageId ?? null
	};
}

/** What the files of a release agree about. */
export interface ReleaseSuggestion {
	albumTitle: string | null;
	year: number | null;
	imageId: string | null;
}

/**
 * What most of the files that say something say, else most of the folders they lay in; a single is no
 * album, whatever its file says.
 * Broken files and duplicates are to be left out.
 */
export function suggestRelease(files: readonly KnownFile[]): ReleaseSuggestion {
	const tags = files.map((file) => file.findings.tags ?? {});
	const names = files.map((file) => factsOfFileName(file.fields.path ?? file.file_name));
	// what one file says weighs more than what all of their folders do
	const sayers = (what: 'album' | 'year') => (tags.some((one) => one[what]) ? tags : names);
	return {
		albumTitle:
			files.length > 1 ? mostAgreed(sayers('album').map((one) => one.album || undefined)) : null,
		year: mostAgreed(sayers('year').map((one) => one.year)),
		imageId: mostAgreed(files.map((file) => file.findings.coverImageId))
	};
}

/** The value more than half of those who have one have. */
function mostAgreed<T>(values: readonly (T | undefined)[]): T | null {
	const counts = new Map<T, number>();
	for (const value of values) {
		if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
	}
	const said = [...counts.values()].reduce((sum, count) => sum + count, 0);
	return [...counts].find(([, count]) => count * 2 > said)?.[0] ?? null;
}
