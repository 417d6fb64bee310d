import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { SearchKind } from '#lib/search/search-query.ts';
import { readConfig } from '#lib/server/config.ts';
import { DomainError } from '#lib/server/errors.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { answerSearch } from './search-api.ts';
import { getSearchPage } from './search-page.ts';
import { search } from './search.ts';
import { SmallCatalogue } from './testing/small-catalogue.ts';

const config = readConfig({ PUBLIC_URL: 'https://plyr.example.org', DATA_DIR: '/nowhere' });

describe('searching', () => {
	let database: TestDatabase;
	let catalogue: SmallCatalogue;
	before(async () => {
		database = await openTestDatabase();
		catalogue = new SmallCatalogue(database.db);
		await catalogue.fill();
	});
	after(() => database.close());

	/** titles, names and tags that are found, kind by kind, the best first */
	async function found(q: string, kind?: SearchKind): Promise<string[]> {
		const answer = await answerSearch({ ...database, config }, null, { q, kind });
		return [
			...answer.tracks.map(({ title }) => title),
			...answer.albums.map(({ title }) => `album ${title}`),
			...answer.artists.map((artist) => `@${artist.display_name}`),
			...answer.tags.map(({ tag, track_count: count }) => `#${tag} ${count}`)
		];
	}

	it('finds the very name first, then what begins so, then what has the words', async () => {
		assert.deepEqual(await found('harbour', 'track'), [
			'Harbour',
			'Harbour Lights',
			// more often played than the next one
			'Leaving the Harbour',
			'The Old Harbour'
		]);
	});

	it('finds what is nearly so only when nothing fits better', async () => {
		const near = ['Leaving the Harbour', 'Harbour Lights', 'Harbour', 'The Old Harbour'];
		assert.deepEqual(await found('harbuor', 'track'), ['Harbor Song', ...near]);
		assert.deepEqual(await found('harbor', 'track'), ['Harbor Song']);
		assert.deepEqual(await found('leavign harbour', 'track'), ['Leaving the Harbour']);
		assert.deepEqual(await found('harbuor artist:bob', 'track'), ['Harbour']);
		// there is a track of that name, and no such artist: who wants artists says so
		await database.sql`update tracks set title = 'Beyonse' where title = 'Ace'`;
		assert.deepEqual(await found('beyonse', 'track'), ['Beyonse']);
		assert.deepEqual(await found('beyonse', 'artist'), ['@Beyoncé']);
		assert.deepEqual(await found('beyonse'), ['Beyonse']);
		await database.sql`update tracks set title = 'Ace' where title = 'Beyonse'`;
	});

	it('finds the more popular first among equals, and then the newer', async () => {
		const equals = await found('echo', 'track');
		assert.deepEqual(equals, ['Echo one', 'Echo three', 'Echo two']);
	});

	it('finds tracks by their artists, featured people, albums and tags, and by all of them together', async () => {
		assert.ok((await found('motörhead', 'track')).includes('Ace'));
		assert.deepEqual(await found('ace motorhead', 'track'), ['Ace']);
		assert.deepEqual(await found('night shift', 'track'), ['Leaving the Harbour']);
		assert.deepEqual(await found('drum and bass', 'track'), ['Echo one']);
		assert.deepEqual(await found('guesty', 'track'), ['Echo two']);
		assert.deepEqual(await found('harbour motorhead', 'track'), []);
	});

	it('finds a name in any spelling: accents, other scripts, capitals, spaces, signs', async () => {
		for (const typed of ['beyonce', 'BEYONCÉ', 'Beyonce\u0301']) {
			assert.deepEqual(await found(typed, 'artist'), ['@Beyoncé']);
		}
		for (const typed of ['Тихая ночь', 'tikhaya noch', 'тихая']) {
			assert.equal((await found(typed, 'track'))[0], 'Тихая ночь', typed);
		}
		for (const typed of ['Αθήνα', 'athina', 'αθηνα']) {
			assert.equal((await found(typed, 'track'))[0], 'Αθήνα', typed);
		}
		for (const typed of ['さくら', 'sakura', 'サクラ']) {
			assert.equal((await found(typed, 'track'))[0], 'さくら', typed);
		}
		for (const typed of ['東京', '東京タワー', 'タワー', 'tawa']) {
			assert.equal((await found(typed, 'track'))[0], '東京タワー', typed);
		}
		for (const typed of ['rock and roll', 'Rock & Roll', 'rockandroll']) {
			assert.equal((await found(typed, 'track'))[0], 'Rock & Roll', typed);
		}
		assert.equal((await found('שלום', 'track'))[0], 'שלום');
		assert.equal((await found("don't", 'track'))[0], 'Don’t Go');
		assert.deepEqual(await found('!!!', 'artist'), ['@!!!']);
		assert.deepEqual(await found('tikhaia noch', 'track'), ['Тихая ночь']);
	});

	it('finds people by their handles, typed as they are', async () => {
		for (const typed of ['@alice.test', 'alice.test', 'Alice.Te', 'alice']) {
			assert.equal((await found(typed, 'artist'))[0], '@Beyoncé', typed);
		}
	});

	it('narrows it down by filters', async () => {
		assert.deepEqual(await found('artist:motorhead'), ['Rock & Roll', 'Ace', 'album Overkill']);
		assert.deepEqual(await found('artist:alice.test album:"night shift"'), ['Leaving the Harbour']);
		assert.deepEqual(await found('tag:"drum and bass"'), ['Echo one']);
		assert.deepEqual(await found('tag:bass'), [], 'a tag is the whole of it');
		assert.deepEqual(await found('echo tag:dub'), ['Echo two']);
		assert.deepEqual(await found('echo', 'tag'), []);
		assert.deepEqual(await found('tag:!!!'), []);
	});

	it('looks only at the beginnings of names for one or two letters', async () => {
		assert.deepEqual(await found('ec', 'track'), await found('echo', 'track'));
		assert.deepEqual(await found('e', 'track'), await found('echo', 'track'));
		assert.deepEqual(await found('go', 'track'), []);
	});

	it('finds nothing that is unlisted or being deleted, and no album without a public track', async () => {
		assert.deepEqual(await found('secret'), []);
		assert.ok(!(await found('leaving soon')).includes('Leaving Soon'));
		assert.deepEqual(await found('whispers'), [], 'a tag of an unlisted track');
		assert.deepEqual(await found('hidden album'), []);
		const { tracks } = await answerSearch({ ...database, config }, null, {
			q: 'ace',
			kind: 'track'
		});
		assert.equal(tracks[0]?.is_explicit, true);
	});

	it('follows every change, in the same transaction', async () => {
		const { db } = database;
		await db.updateTable('tracks').set({ title: 'Renamed' }).where('title', '=', 'Ace').execute();
		await db
			.updateTable('albums')
			.set({ title: 'Orgasmatron' })
			.where('title', '=', 'Overkill')
			.execute();
		assert.deepEqual(await found('ace', 'track'), []);
		assert.deepEqual(await found('orgasmatron renamed', 'track'), ['Renamed']);
		assert.deepEqual(await found('overkill'), []);
		assert.deepEqual(await found('orgasmatrno'), ['album Orgasmatron']);
		await db
			.updateTable('artists')
			.set({ display_name: 'Lemmy', handle: 'lemmy.test' })
			.where('display_name', '=', 'Motörhead')
			.execute();
		assert.deepEqual(await found('motorhead'), []);
		assert.deepEqual(await found('lemmy'), [
			'Rock & Roll',
			'Renamed',
			'album Orgasmatron',
			'@Lemmy'
		]);
		await db
			.transaction()
			.execute(async (trx) => {
				await trx
					.updateTable('tracks')
					.set({ visibility: 'unlisted' })
					.where('title', '=', 'Renamed')
					.execute();
				throw new Error('taken back');
			})
			.catch(() => undefined);
		assert.deepEqual(await found('renamed'), ['Renamed']);
		await db
			.updateTable('tracks')
			.set({ visibility: 'deleting' })
			.where('title', '=', 'Renamed')
			.execute();
		assert.deepEqual(await found('lemmy'), ['Rock & Roll', '@Lemmy'], 'the album is empty now');
		await db.deleteFrom('tracks').where('title', '=', 'Renamed').execute();
		await db
			.updateTable('tracks')
			.set({ visibility: 'public' })
			.where('title', '=', 'Secret')
			.execute();
		assert.deepEqual(await found('whispers'), ['Secret', '#whispers 1']);
		await db.deleteFrom('track_tags').where('tag', '=', 'whispers').execute();
		assert.deepEqual(await found('whispers'), []);
		await db
			.updateTable('tracks')
			.set({ play_count: 400 })
			.where('title', '=', 'Echo two')
			.execute();
		assert.equal((await found('echo', 'track'))[0], 'Echo two');
	});

	it('says the same when everything is written down anew', async () => {
		const all =
			'select kind, ref, name, handle, words, uses, artist_did, album_id, tags from search_entries order by kind, ref';
		const kept = await database.sql.unsafe(all);
		await database.sql`select search_rebuild()`;
		assert.ok(kept.length > 20);
		assert.deepEqual([...(await database.sql.unsafe(all))], [...kept]);
		const words = await database.sql`select word from search_vocabulary`;
		const known = words.map(({ word }) => String(word));
		assert.ok(known.includes('harbour'));
		assert.ok(!known.includes('overkill'), 'nothing is called so any more');
	});

	it('goes on page by page, each once, through everything that fits', async () => {
		for (const [q, count] of [
			['harbour', 4],
			['harbuor', 5],
			['artist:bob', 9]
		] as const) {
			const seen: string[] = [];
			let cursor: string | undefined;
			do {
				const { kinds } = await search(database, { q, kind: 'track', limit: 1, cursor });
				assert.ok(kinds.track.entries.length <= 1);
				seen.push(...kinds.track.entries.map(({ ref }) => ref));
				cursor = kinds.track.nextCursor ?? undefined;
			} while (cursor !== undefined);
			const whole = await search(database, { q, kind: 'track' });
			assert.deepEqual(
				seen,
				whole.kinds.track.entries.map(({ ref }) => ref)
			);
			assert.equal(seen.length, count, q);
		}
	});

	it('says when only something close to it was found, and what else could be tried', async () => {
		assert.equal((await search(database, { q: 'beyonse' })).isNear, true);
		assert.equal((await search(database, { q: 'beyonce' })).isNear, false);
		const { results } = await getSearchPage({ ...database, config }, null, { q: 'zzzz qqqq xx' });
		assert.deepEqual(results?.words, ['zzzz', 'qqqq']);
		for (const q of [' ', 'tag: ', 'tag:""']) {
			assert.equal((await getSearchPage({ ...database, config }, null, { q })).results, null, q);
		}
	});

	it('refuses what is no search', async () => {
		const isRefused = (cause: unknown) => cause instanceof DomainError && cause.status === 422;
		for (const request of [
			{ q: '' },
			{ q: '\0\n ' },
			{ q: 'tag:""' },
			{ q: 'artist:' },
			{ q: 'tag: album:' },
			{ q: 'x', kind: 'song' },
			{ q: 'x', limit: '0' },
			{ q: 'x', limit: '51' },
			{ q: 'x', cursor: 'WzFd' },
			{ q: 'x', kind: 'tag', cursor: 'WzFd' },
			{ q: 'x', kind: 'tag', cursor: Buffer.from('[1,0,0,0,"a\\u0000"]').toString('base64url') },
			{ q: 'x', kind: 'tag', cursor: 'x'.repeat(10_000) }
		]) {
			await assert.rejects(search(database, request), isRefused, JSON.stringify(request));
		}
	});

	it('takes whatever is typed as words, and answers', async () => {
		const hostile = [
			'\0harbour\0',
			'x'.repeat(10_000),
			'a '.repeat(5_000),
			"' & | ! <-> <2> :* :A ( ) \\",
			'harbour:*A | echo',
			"harbour' or 1=1; drop table tracks; --",
			'%',
			'_',
			'%%%%',
			'\\',
			'"',
			'“”',
			"''''",
			'🎵🎶👩‍👩‍👧',
			'\u202eharbour\u202c',
			'\ud83d',
			'\u200b',
			'\u0301'.repeat(300),
			'tag:"',
			'artist:\\ album:%',
			'tag:#dub',
			'𝔥𝔞𝔯𝔟𝔬𝔲𝔯',
			'﷽'.repeat(200)
		];
		for (const q of hostile) {
			const answer = await search(database, { q }).catch((cause: unknown) => {
				assert.ok(
					cause instanceof DomainError,
					`${JSON.stringify(q.slice(0, 40))}: ${String(cause)}`
				);
				return null;
			});
			for (const kind of Object.values(answer?.kinds ?? {})) assert.ok(kind.entries.length <= 5);
		}
		assert.equal((await found('\0harbour', 'track'))[0], 'Harbour');
		assert.equal((await found('𝔥𝔞𝔯𝔟𝔬𝔲𝔯', 'track'))[0], 'Harbour');
		assert.deepEqual(await found('%', 'track'), []);
	});
});
