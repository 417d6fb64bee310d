import type { Context } from '#lib/server/context.ts';
import { UniqueNames } from '#lib/server/zip/unique-names.ts';
import type { ZipEntry } from '#lib/server/zip/zip.ts';

/** What an archive of somebody's things is made with. */
export interface ExportParts {
	ctx: Pick<Context, 'config' | 'db' | 'log' | 'oauth' | 'storage'>;
	did: string;
	/** title, artist, album and cover are written into the copies of the recordings, where that is possible */
	writesTags: boolean;
	signal: AbortSignal;
	names: UniqueNames;
	contents: Contents;
}

/** What came into an archive, for the page that lists it. */
export interface Contents {
	startedAt: Date;
	tracks: {
		title: string;
		album: string | null;
		path: string;
		sizeBytes: number;
		hasTags: boolean;
	}[];
	revisions: number;
	likes: number;
	albums: number;
	/** collections of records, and where they are from */
	records: { collection: string; count: number; from: 'repository' | 'index' }[];
	/** what ought to be here and is not, a sentence each */
	missing: string[];
}

export const emptyContents = (): Contents => ({
	startedAt: new Date(),
	tracks: [],
	revisions: 0,
	likes: 0,
	albums: 0,
	records: [],
	missing: []
});

/** A small file that is made at once. */
export const textFile = (name: string, text: string, modifiedAt = new Date()): ZipEntry => ({
	...{ name, modifiedAt },
	content: Buffer.from(text)
});

export const jsonFile = (name: string, value: unknown, modifiedAt?: Date): ZipEntry =>
	textFile(name, `${JSON.stringify(value, null, '\t')}\n`, modifiedAt);

const PIECE_BYTES = 64 * 1024;

/** A list in JSON, written as its items come. */
export async function* jsonList(items: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void> {
	let piece = '[';
	let isFirst = true;
	for await (const item of items) {
		piece += `${isFirst ? '' : ','}\n${JSON.stringify(item)}`;
		isFirst = false;
		if (piece.length < PIECE_BYTES) continue;
		yield Buffer.from(piece);
		piece = '';
	}
	yield Buffer.from(`${piece}\n]\n`);
}
