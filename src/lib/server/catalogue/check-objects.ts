import type { ProblemDetail } from '#lib/catalogue/catalogue.ts';
import type { Context } from '#lib/server/context.ts';
import { imageObjectKeys } from '#lib/server/media/renditions.ts';
import { isStoredWhole } from '#lib/server/storage/stored-whole.ts';
import { type CoverFacts, findCover } from './album-queries.ts';
import { eachAtOnce } from './at-once.ts';
import {
	type EarlierFacts,
	findEarlier,
	findFacts,
	findOtherRenditions,
	isBeingChanged,
	type TrackFacts
} from './fact-queries.ts';
import type { Finding, Findings } from './finding.ts';

/** Objects the storage is asked about at the same time. */
const ASKED_AT_ONCE = 8;

interface StoredFile {
	storage_key: string;
	size_bytes: number;
}

/** What the storage says about the objects of one check, each asked for once. */
export class ObjectCheck {
	asked = 0;
	readonly #ctx: Context;
	/** albums share their picture: whether all of its objects are there, some, or none */
	readonly #images = new Map<string, 'all' | 'some' | 'none'>();

	constructor(ctx: Context) {
		this.#ctx = ctx;
	}

	/** Looks at everything a page of tracks refers to. @throws StorageUnavailable */
	async check(rows: readonly TrackFacts[], findings: Findings, signal: AbortSignal): Promise<void> {
		const { db } = this.#ctx;
		const earlier = Map.groupBy(
			await findEarlier(
				db,
				rows.map(({ id }) => id)
			),
			(one) => one.track_id
		);
		await eachAtOnce(rows, ASKED_AT_ONCE, async (row) => {
			signal.throwIfAborted();
			await this.#checkSmaller(row);
			const found = await this.#checkTrack(row, earlier.get(row.id) ?? []);
			if (found.length === 0) return;
			// what was replaced or taken away meanwhile is not missing
			const now = await findFacts(db, row.id);
			const isSame = now?.file_id === row.file_id && now.image_id === row.image_id;
			if (isSame && !(await isBeingChanged(db, row.id))) findings.add(...found);
		});
	}

	/** Looks at the covers of a page of albums. @throws StorageUnavailable */
	async checkCovers(
		rows: readonly CoverFacts[],
		findings: Findings,
		signal: AbortSignal
	): Promise<void> {
		await eachAtOnce(rows, ASKED_AT_ONCE, async (row) => {
			signal.throwIfAborted();
			const state = await this.#artwork(row);
			if (state === 'all') return;
			// another one may have been chosen meanwhile
			const now = await findCover(this.#ctx.db, row.id);
			if (!now?.is_settled || now.image_id !== row.image_id) return;
			const uri = row.record_uri ?? `album:${row.id}`;
			const detail = { someLeft: state === 'some' };
			findings.add({ uri, albumId: row.id, kind: 'cover_missing', detail });
		});
	}

	async #checkTrack(row: TrackFacts, earlier: readonly EarlierFacts[]): Promise<Finding[]> {
		const about = { uri: row.record_uri, trackId: row.id };
		const found: Finding[] = [];
		const hasOriginal = await this.#isWhole(originalOf(row));
		const isRendition = row.file_id !== row.original_file_id;
		if (!(isRendition ? await this.#isWhole(row) : hasOriginal)) {
			const remedy = await this.#remedyFor(row, isRendition && hasOriginal);
			found.push({ ...about, kind: 'audio_missing', detail: { remedy } });
		} else if (!hasOriginal) {
			found.push({ ...about, kind: 'original_missing', detail: { remedy: 'send' } });
		}
		const lost = await this.#findLost(earlier);
		if (lost) found.push({ ...about, kind: 'earlier_missing', detail: lost });
		const artwork = await this.#artwork(row);
		if (artwork !== 'all') {
			const detail = { someLeft: artwork === 'some' };
			found.push({ ...about, kind: 'artwork_missing', detail });
		}
		return found;
	}

	/** Nothing its artist has to do about: it is made again of what is streamed. */
	async #checkSmaller(row: TrackFacts): Promise<void> {
		const { smaller_key: storage_key, smaller_size_bytes: size_bytes, file_id: fileId } = row;
		if (storage_key === null || size_bytes === null) return;
		if (await this.#isWhole({ storage_key, size_bytes })) return;
		const { db, jobs, log } = this.#ctx;
		await jobs.enqueueSmallerFile(db, fileId);
		log.warn('smaller_file_lost', { trackId: row.id, fileId, key: storage_key });
	}

	async #remedyFor(row: TrackFacts, canRemake: boolean): Promise<ProblemDetail['remedy']> {
		if (canRemake) return 'remake';
		for (const other of await findOtherRenditions(this.#ctx.db, row)) {
			if (await this.#isWhole(other)) return 'copy';
		}
		return 'send';
	}

	async #findLost(earlier: readonly EarlierFacts[]): Promise<ProblemDetail | null> {
		let remedy: ProblemDetail['remedy'] | null = null;
		for (const one of earlier) {
			const hasOriginal = await this.#isWhole(originalOf(one));
			const isRendition = one.file_id !== one.original_file_id;
			const isWhole = isRendition ? await this.#isWhole(one) : hasOriginal;
			if (isWhole) continue;
			const canRemake = isRendition && hasOriginal;
			// what cannot be made again decides what is said
			if (remedy !== 'send') remedy = canRemake ? 'remake' : 'send';
		}
		return remedy && { remedy };
	}

	async #artwork({
		image_id: id,
		renditions
	}: Pick<TrackFacts, 'image_id' | 'renditions'>): Promise<'all' | 'some' | 'none'> {
		if (id === null || renditions === null) return 'all';
		const known = this.#images.get(id);
		if (known) return known;
		const keys = imageObjectKeys({ renditions });
		let there = 0;
		for (const key of keys) {
			this.asked++;
			if (await this.#ctx.storage.head(key)) there++;
		}
		const state = there === 0 ? 'none' : there < keys.length ? 'some' : 'all';
		this.#images.set(id, state);
		return state;
	}

	#isWhole(file: StoredFile): Promise<boolean> {
		this.asked++;
		return isStoredWhole(this.#ctx.storage, file);
	}
}

/** Where the file the artist uploaded ought to be. */
export const originalOf = (row: {
	original_key: string;
	original_size_bytes: number;
}): StoredFile => ({ storage_key: row.original_key, size_bytes: row.original_size_bytes });
