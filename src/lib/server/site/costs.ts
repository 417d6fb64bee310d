import type { Context } from '#lib/server/context.ts';
import type { Costs } from '#lib/site/costs.ts';
import { sumStored } from './queries.ts';

type Stored = Pick<Costs, 'audioBytes' | 'audioFiles' | 'pictures' | 'countedAt'>;

const FRESH_MS = 10 * 60_000;
const GIGABYTE = 1e9;

/** What this process summed up last; also while it is being summed up. */
const sums = new WeakMap<Context['db'], { at: number; stored: Promise<Stored> }>();

/**
 * What the site keeps and what that costs by the operator's prices. It is summed up every ten
 * minutes at most, whoever asks.
 */
export async function getCosts({ config, db }: Pick<Context, 'config' | 'db'>): Promise<Costs> {
	const stored = await storedLately(db);
	const { currency, perMonth, perGigabyteMonth } = config.costs;
	return {
		...stored,
		currency,
		perMonth: perMonth ?? null,
		perGigabyteMonth: perGigabyteMonth ?? null,
		storageMonth:
			perGigabyteMonth === undefined ? null : (stored.audioBytes / GIGABYTE) * perGigabyteMonth
	};
}

function storedLately(db: Context['db']): Promise<Stored> {
	const last = sums.get(db);
	if (last && Date.now() - last.at < FRESH_MS) return last.stored;
	const stored = sumUp(db);
	sums.set(db, { at: Date.now(), stored });
	// what failed is no answer for the next one
	stored.catch(() => sums.delete(db));
	return stored;
}

async function sumUp(db: Context['db']): Promise<Stored> {
	const sum = await sumStored(db);
	return {
		audioBytes: sum.audio_bytes,
		audioFiles: sum.audio_files,
		pictures: sum.pictures,
		countedAt: new Date().toISOString()
	};
}
