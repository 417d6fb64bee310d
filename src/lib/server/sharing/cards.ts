import { buffer } from 'node:stream/consumers';
import path from 'node:path';
import type { Context } from '#lib/server/context.ts';
import { DomainError, unavailable } from '#lib/server/errors.ts';
import { getImageRendition } from '#lib/server/media/images.ts';
import { isTakenDown } from '#lib/server/moderation/taken-down.ts';
import { ObjectNotFound } from '#lib/server/storage/errors.ts';
import type { ObjectFacts } from '#lib/server/storage/storage.ts';
import { getPeaks } from '#lib/server/tracks/tracks.ts';
import { type Card, CARD_TYPE, cardHash } from './card.ts';
import { drawCard } from './draw-card.ts';
import { useFonts } from './fonts.ts';

type Drawer = Pick<Context, 'config' | 'db' | 'storage' | 'log'>;

/** Nothing else is kept below it, and no row names what is: cards are made again when they are gone. */
const PREFIX = 'og/';
const DAY_MS = 24 * 60 * 60 * 1000;
/** A card that is older is made again when it is asked for, so that none in use is ever swept. */
const RENEWED_AFTER_MS = 20 * DAY_MS;
const SWEPT_AFTER_MS = 30 * DAY_MS;
/** As many may wait for their turn; whoever asks for one more is told to come back. */
const MAX_WAITING = 30;
const RETRY_SECONDS = 5;

/** A card that is kept. */
export interface KeptCard {
	key: string;
	sizeBytes: number;
	sha256: string;
	lastModified: Date;
}

/**
 * A card as it is kept, drawn when it is not. The same card is never drawn twice at once by a
 * process, and different ones are drawn one after the other.
 * @throws DomainError 503 when too many wait already
 */
export async function openCard(ctx: Drawer, card: Card): Promise<KeptCard> {
	const sha256 = cardHash(card);
	const key = `${PREFIX}${sha256.slice(0, 32)}.jpg`;
	const kept = await ctx.storage.head(key);
	const isFresh = kept && kept.lastModified.getTime() > Date.now() - RENEWED_AFTER_MS;
	return describe(sha256, isFresh ? kept : await drawOnce(ctx, card, key));
}

const describe = (sha256: string, { key, sizeBytes, lastModified }: Facts): KeptCard => ({
	...{ key, sizeBytes, sha256, lastModified }
});

type Facts = Omit<ObjectFacts, 'contentType'>;

/** What is being drawn, by its key. */
const underWay = new Map<string, Promise<Facts>>();
let lastTurn: Promise<unknown> = Promise.resolve();

async function drawOnce(ctx: Drawer, card: Card, key: string): Promise<Facts> {
	const same = underWay.get(key);
	if (same) return await same;
	if (underWay.size >= MAX_WAITING) {
		throw unavailable(
			'too_many_cards',
			'too many pictures are being drawn. try again in a moment',
			{
				retryAfterSeconds: RETRY_SECONDS
			}
		);
	}
	const turn = lastTurn.then(() => draw(ctx, card, key));
	lastTurn = turn.catch(() => undefined);
	underWay.set(key, turn);
	try {
		return await turn;
	} finally {
		underWay.delete(key);
	}
}

async function draw(ctx: Drawer, card: Card, key: string): Promise<Facts> {
	const startedAt = performance.now();
	await useFonts(path.join(ctx.config.dataDir, 'fonts'));
	const bytes = await drawCard(card, {
		artwork: card.imageId === null ? null : await artworkOf(ctx, card.imageId),
		peaks: card.fileId === null ? null : await peaksOf(ctx, card.fileId),
		siteName: ctx.config.appName
	});
	const { sizeBytes } = await ctx.storage.put(key, bytes, { contentType: CARD_TYPE });
	const ms = Math.round(performance.now() - startedAt);
	ctx.log.info('card_drawn', { path: card.path, key, sizeBytes, ms });
	return { key, sizeBytes, lastModified: new Date() };
}

/** A picture that is gone is drawn as one that was never given. */
async function artworkOf({ db, storage }: Drawer, imageId: string): Promise<Buffer | null> {
	try {
		const wanted = { size: '640', format: 'jpeg' };
		const { storageKey } = await getImageRendition({ db }, imageId, wanted);
		return await buffer(await storage.read(storageKey));
	} catch (cause) {
		if (cause instanceof ObjectNotFound || isNotFound(cause)) return null;
		throw cause;
	}
}

async function peaksOf({ db }: Drawer, fileId: string): Promise<Uint8Array | null> {
	try {
		return await getPeaks({ db }, fileId);
	} catch (cause) {
		if (isNotFound(cause)) return null;
		throw cause;
	}
}

const isNotFound = (cause: unknown) =>
	isTakenDown(cause) || (cause instanceof DomainError && cause.status === 404);

/** Removes cards nobody has asked for since long. Reads their whole list: for now and then. @returns how many */
export async function sweepCards(
	{ storage }: Pick<Context, 'storage'>,
	signal?: AbortSignal,
	unusedMs = SWEPT_AFTER_MS
): Promise<number> {
	let removed = 0;
	for await (const { key, lastModified } of storage.list(PREFIX)) {
		signal?.throwIfAborted();
		if (lastModified.getTime() > Date.now() - unusedMs) continue;
		await storage.delete(key);
		removed++;
	}
	return removed;
}
