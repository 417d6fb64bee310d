import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { albumSlug } from './slug.ts';

describe('the address of an album', () => {
	const vectors: [string, string][] = [
		['My Album', 'my-album'],
		['Album (Deluxe Edition)', 'album-deluxe-edition'],
		['many   spaces \t here', 'many-spaces-here'],
		['Café MÜNCHEN', 'cafe-munchen'],
		['---Leading and Trailing---', 'leading-and-trailing'],
		['Special @#$% Characters!', 'special-characters'],
		['underscore_test', 'underscoretest'],
		['a'.repeat(150), 'a'.repeat(100)],
		['Straße zum Ærø', 'strasse-zum-aero'],
		['ﬁne ① Ⅻ', 'fine-1-xii'],
		['Альбом № 5', 'albom-no-5'],
		['Ирис', 'iris'],
		['Ψυχή', 'psychi'],
		['さくら', 'sakura'],
		['サクラ 2', 'sakura-2'],
		['음악', 'eumag'],
		['שלום', 'slvm'],
		['مرحبا', 'mrhb'],
		['C', 'c'],
		['C++', 'c-plus-plus'],
		['C#', 'c-sharp'],
		['Prelude in F♯ minor', 'prelude-in-f-sharp-minor'],
		['#1 Hits', '1-hits'],
		['+', 'plus'],
		['Rock & Roll', 'rock-and-roll'],
		['R&B', 'r-and-b'],
		['Live @ Home', 'live-at-home'],
		['@home', 'at-home'],
		['12', '12'],
		['½', '1-2'],
		['8½ Weeks', '8-1-2-weeks'],
		['24/7', '24-7']
	];
	for (const [title, slug] of vectors) {
		it(`of "${title.slice(0, 30)}" is ${slug.slice(0, 30)}`, () =>
			assert.equal(albumSlug(title), slug));
	}

	it('is cut at a hyphen when it is too long', () => {
		const slug = albumSlug('word '.repeat(40));
		assert.ok(slug.length <= 100);
		assert.match(slug, /^(word-)+word$/);
	});

	it('is never empty and tells albums of other scripts apart', () => {
		const titles = ['日本語', '中文', 'Альбом', '!!!', '???', '音楽 1', '夜 1', '', '🎵'];
		const slugs = titles.map(albumSlug);
		for (const slug of slugs) assert.match(slug, /^[a-z0-9]+(-[a-z0-9]+)*$/);
		assert.match(slugs[0] ?? '', /^ribenyu-[0-9a-f]{8}$/);
		assert.notEqual(albumSlug('工作'), albumSlug('公作'), 'which sound the same');
		assert.equal(new Set(slugs).size, titles.length);
	});

	it('does not depend on how a letter was composed', () => {
		assert.equal(albumSlug('e\u0301tude'), albumSlug('étude'));
		assert.equal(albumSlug('が\u3099'.normalize('NFD')), albumSlug('が\u3099'));
	});
});
