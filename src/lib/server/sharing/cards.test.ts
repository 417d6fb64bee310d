import assert from 'node:assert/strict';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DomainError } from '#lib/server/errors.ts';
import { createLogger } from '#lib/server/log.ts';
import { openFilesystemStorage } from '#lib/server/storage/filesystem.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import type { Card } from './card.ts';
import { openCard, sweepCards } from './cards.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const card = (title: string): Card => ({
	...{ kind: 'artist', path: '/og/artist/x.jpg', title, byline: '@alice.test' },
	...{ facts: '', imageId: null, fileId: null }
});

describe('pictures of pages', () => {
	let dir: string;
	let storage: Storage;
	let ctx: Parameters<typeof openCard>[0];
	let puts = 0;

	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-cards-'));
		storage = await openFilesystemStorage(dir);
		const put = storage.put.bind(storage);
		storage.put = (...object) => {
			puts++;
			return put(...object);
		};
		// cards without artwork and waveform ask the database for nothing
		ctx = {
			...{ storage, log: createLogger('error') },
			config: { dataDir: dir, appName: 'plyr.fm' }
		} as unknown as typeof ctx;
	});
	after(() => rm(dir, { recursive: true, force: true }));

	it('are drawn once, however many ask at the same time', async () => {
		const asked = await Promise.all(Array.from({ length: 20 }, () => openCard(ctx, card('alice'))));
		assert.equal(puts, 1);
		assert.equal(new Set(asked.map(({ key }) => key)).size, 1);
		await openCard(ctx, card('alice'));
		assert.equal(puts, 1);
		await openCard(ctx, card('bob'));
		assert.equal(puts, 2);
	});

	it('are refused when too many wait, and drawn again later', async () => {
		const names = Array.from({ length: 40 }, (_, index) => `artist ${index}`);
		const drawn = await Promise.allSettled(names.map((name) => openCard(ctx, card(name))));
		const refused = drawn.flatMap((one) =>
			one.status === 'rejected' && one.reason instanceof DomainError ? [one.reason] : []
		);
		assert.equal(refused.length, 10);
		const [{ status, code, retryAfterSeconds } = new DomainError(0, '', '')] = refused;
		assert.deepEqual([status, code, retryAfterSeconds], [503, 'too_many_cards', 5]);
		await openCard(ctx, card(names.at(-1) ?? ''));
	});

	it('are drawn anew long before they could be swept, and swept when nobody asks', async () => {
		const { key } = await openCard(ctx, card('alice'));
		const file = path.join(dir, key);
		const age = (days: number) => {
			const then = new Date(Date.now() - days * DAY_MS);
			return utimes(file, then, then);
		};
		await age(21);
		const before = puts;
		await openCard(ctx, card('alice'));
		assert.equal(puts, before + 1);
		await age(31);
		await storage.put('images/other.webp', new Uint8Array(1), { contentType: 'image/webp' });
		await utimes(path.join(dir, 'images/other.webp'), 0, 0);
		assert.equal(await sweepCards({ storage }), 1);
		assert.equal(await storage.head(key), null);
		assert.ok(await storage.head('images/other.webp'), 'nothing else is');
	});
});
