import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { type Card, cardHash } from './card.ts';
import { drawCard } from './draw-card.ts';
import { drawText } from './draw-text.ts';
import { useFonts } from './fonts.ts';

const card: Card = {
	...{ kind: 'track', path: '/og/track/1.jpg', title: 'low water', byline: 'alice' },
	...{ facts: 'tides', imageId: null, fileId: null }
};
const box = { left: 0, top: 0, widthPx: 400, heightPx: 120, sizesPx: [48, 32], color: '#ffffff' };

describe('the picture of a page', () => {
	let dir: string;
	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-fonts-'));
		await useFonts(dir);
	});
	after(() => rm(dir, { recursive: true, force: true }));

	const peaks = Uint8Array.from({ length: 1800 }, (_, index) => index % 256);
	const draw = (changes: Partial<Card> = {}, artwork: Buffer | null = null) =>
		drawCard({ ...card, ...changes }, { artwork, peaks, siteName: 'plyr.fm' });

	it('is a jpeg of 1200 × 630, whatever is written on it', async () => {
		const titles = [
			'مرحبا بالعالم',
			'音楽の旅 🎵',
			'</span><b>"&amp;\u0000',
			`z${'\u0301\u0335'.repeat(500)}`,
			'word '.repeat(100),
			'W'.repeat(300),
			'\u200b',
			'\ud800'
		];
		for (const title of titles) {
			const picture = await draw({ title, byline: title, facts: title, kind: 'album' });
			const { format, width, height } = await sharp(picture).metadata();
			assert.deepEqual([format, width, height], ['jpeg', 1200, 630], title);
			assert.ok(picture.length < 200_000, title);
		}
	});

	it('blurs the artwork of what is explicit', async () => {
		// black beside white: blurred, it is grey where they meet and for a while around it
		const half = { width: 160, height: 320, channels: 3, background: '#ffffff' } as const;
		const artwork = await sharp({ create: { ...half, width: 320, background: '#000000' } })
			.composite([{ input: await sharp({ create: half }).png().toBuffer(), left: 0, top: 0 }])
			.png()
			.toBuffer();
		const beside = async (changes: Partial<Card>) => {
			const at = { left: 80 + 470 / 2 - 20, top: 300, width: 1, height: 1 };
			const pixel = await sharp(await draw(changes, artwork))
				.extract(at)
				.raw()
				.toBuffer();
			return pixel[0] ?? 0;
		};
		assert.ok((await beside({})) > 240);
		assert.ok((await beside({ isBlurred: true })) < 200);
		const other = cardHash({ ...card, isBlurred: true });
		assert.notEqual(other, cardHash(card), 'and is another picture');
	});

	it('shows the artwork and takes its colour', async () => {
		const artwork = await sharp({
			create: { width: 320, height: 200, channels: 3, background: '#d02020' }
		})
			.jpeg()
			.toBuffer();
		const { data } = await sharp(await draw({}, artwork))
			.extract({ left: 300, top: 300, width: 1, height: 1 })
			.raw()
			.toBuffer({ resolveWithObject: true });
		assert.ok((data[0] ?? 0) > 180 && (data[1] ?? 255) < 60, 'red in its middle');
	});

	it('has a character of its own for every script: none is drawn as an empty box', async () => {
		const drawn = new Set<string>();
		const characters = ['音', '楽', '한', 'ש', 'ไ', 'ह', '🎵', '👩'];
		for (const text of characters) {
			const found = await drawText({ ...box, text });
			drawn.add((found?.overlay.input as Buffer).toString('base64'));
		}
		assert.equal(drawn.size, characters.length);
	});

	it('begins at the right where the script does, and stays in its box', async () => {
		for (const [text, isRight] of [
			['שלום', true],
			['12 שלום abc', true],
			['abc שלום', false]
		] as const) {
			const found = await drawText({ ...box, text });
			assert.equal(Number(found?.overlay.left) > 0, isRight, text);
		}
		const long = await drawText({ ...box, text: 'long '.repeat(200) });
		assert.ok((long?.bottom ?? Infinity) <= box.heightPx);
		assert.equal(await drawText({ ...box, text: '' }), null);
	});

	it('has a name of its own for everything that is drawn', () => {
		const changes: Partial<Card>[] = [
			...[{ title: 'x' }, { byline: 'x' }, { facts: 'x' }, { kind: 'album' as const }],
			...[{ imageId: 'x' }, { fileId: 'x' }]
		];
		const names = new Set(changes.map((change) => cardHash({ ...card, ...change })));
		assert.equal(names.add(cardHash(card)).size, changes.length + 1);
		assert.equal(cardHash({ ...card, path: '/elsewhere' }), cardHash(card));
	});
});
