import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Artist } from '../torture/artist.ts';
import { checkModel } from '../torture/check-model.ts';
import { checkWorld } from '../torture/check-world.ts';
import { Model, NO_ALBUM } from '../torture/model.ts';
import { newRelease } from '../torture/model-release.ts';
import type { World } from '../torture/world.ts';
import { first, last, PICTURE, RELEASE, SHA, SITE, soundAlbum } from './torture-world.ts';

const itemsOf = (world: World) =>
	first(world.lists).value['items'] as { subject: { uri: string; cid: string } }[];

/** What is done to a sound album, and all that must be said about it. */
const DAMAGES: [what: string, damage: (world: World) => unknown, expected: string[]][] = [
	['nothing', () => undefined, []],
	['the record of an album is deleted', (w) => w.lists.pop(), ['album_without_record']],
	[
		'the record of an album was never written',
		(w) => {
			w.lists.pop();
			first(w.albums).record_uri = null;
		},
		['album_without_record']
	],
	[
		'an album that is a word on its tracks has no record',
		(w) => {
			w.lists.pop();
			Object.assign(first(w.albums), { rkey: null, record_uri: null });
		},
		[]
	],
	[
		'a second record of an album is there',
		(w) => w.lists.push({ ...first(w.lists), uri: `${first(w.lists).uri}x` }),
		['list_without_album']
	],
	[
		'the row of an album is deleted',
		(w) => {
			w.albums.pop();
			for (const track of w.tracks) track.album_id = null;
		},
		['list_without_album', 'release_without_album']
	],
	[
		'an album is there twice',
		(w) => w.albums.push({ ...first(w.albums), id: 'album 2', rkey: null, record_uri: null }),
		['two_albums_of_one_title']
	],
	[
		'a record has two albums',
		(w) => {
			w.albums.push({ ...first(w.albums), id: 'album 2', title: 'an album 2' });
		},
		['two_albums_of_one_list', 'album_title_differs', 'album_items_differs', 'album_tracks_differs']
	],
	[
		'a living record of an album is buried',
		(w) => w.tombstones.push({ record_uri: first(w.lists).uri }),
		['tombstone_of_the_living']
	],
	[
		'a deletion of an album stops half-way',
		(w) => (first(w.albums).deletion = 'with_tracks'),
		['album_deletion_not_finished']
	],
	['an album waits', (w) => (first(w.albums).waiting_code = 'record_refused'), ['album_waits']],
	[
		'a change of an album is kept and not made',
		(w) => (first(w.albums).kept_change = { title: 'new' }),
		['album_change_not_made']
	],
	['a record was changed', (w) => (first(w.lists).cid = 'cid 4'), ['album_cid_differs']],
	['a title differs', (w) => (first(w.albums).title = 'an elbum'), ['album_title_differs']],
	['a year differs', (w) => (first(w.albums).year = 2020), ['album_year_differs']],
	[
		'a description differs',
		(w) => (first(w.albums).description = 'notes'),
		['album_description_differs']
	],
	['a cover differs', (w) => (first(w.albums).image_id = null), ['album_cover_differs']],
	[
		'a cover has no row',
		(w) => {
			w.images.pop();
			w.objects.pop();
			for (const { value } of w.records) delete value['imageUrl'];
			for (const track of w.tracks) track.image_id = null;
		},
		['album_without_cover']
	],
	[
		'the tracks are in another order',
		(w) => (first(w.tracks).album_position = 3),
		['album_tracks_differs']
	],
	[
		'a track is not on the list',
		(w) => {
			itemsOf(w).pop();
			w.albumItems.pop();
		},
		['album_tracks_differs']
	],
	['the list was indexed otherwise', (w) => w.albumItems.pop(), ['album_items_differs']],
	[
		'the list has a track that is not there',
		(w) => {
			w.tracks.pop();
			w.records.pop();
		},
		['album_tracks_differs', 'item_without_record']
	],
	[
		'a release was never settled',
		(w) => (first(w.releases).settled_at = null),
		['release_not_settled']
	],
	['a release has no album', (w) => (first(w.releases).album_id = null), ['release_without_album']],
	[
		'a release of singles has no album',
		(w) => Object.assign(first(w.releases), { album_id: null, fields: { albumTitle: '' } }),
		[]
	],
	[
		'a release has no album any more',
		(w) => Object.assign(first(w.releases), { album_id: null, album_deletion: 'keep_tracks' }),
		[]
	],
	[
		'a track waits for its release',
		(w) => Object.assign(last(w.uploads), { status: 'waiting', error_code: 'scheduled' }),
		['upload_stuck']
	]
];

describe('what is checked after the torture: of albums', () => {
	for (const [what, damage, expected] of DAMAGES) {
		it(`${what}: ${expected.join(', ') || 'nothing to report'}`, () => {
			const world = soundAlbum();
			damage(world);
			assert.deepEqual(
				checkWorld(world, SITE).map(({ kind }) => kind),
				expected
			);
		});
	}
});

describe('what is checked after the torture: of what the artists were told of albums', () => {
	const alice = new Artist('http://127.0.0.1:1', 'alice', () => undefined);

	function told() {
		const model = new Model();
		const about = { title: 'an album', coverId: PICTURE };
		const release = newRelease(RELEASE, alice, about);
		release.state = 'published';
		model.releases.push(release);
		for (const id of [1, 2]) {
			const file = model.addUpload({
				id: `upload ${id}`,
				artist: alice,
				sound: { bytes: Buffer.from('1234567'), sha256: SHA, fileName: 'a.wav' },
				title: 'a song',
				imageId: null,
				album: null,
				release,
				replaces: null,
				attempt: null
			});
			release.files.push(file);
			model.complete(file, id);
			const tags = model.tracks.get(id)?.tags ?? assert.fail();
			tags.done(tags.begin('live'));
		}
		const track = model.tracks.get(2) ?? assert.fail('no track');
		return { model, release, track, world: soundAlbum() };
	}
	type Told = ReturnType<typeof told>;

	const LIES: [what: string, change: (all: Told) => unknown, expected: string[]][] = [
		['nothing', () => undefined, []],
		[
			'a release has disappeared',
			({ world }) => world.releases.pop(),
			['place_lost', 'place_lost', 'release_lost', 'album_lost']
		],
		[
			'a release is not published',
			({ world }) => (first(world.releases).status = 'draft'),
			['release_not_published']
		],
		[
			'a discarded draft is there',
			({ release }) => (release.state = 'discarded'),
			['discarded_release_is_there']
		],
		[
			'a discarded draft is gone',
			({ model, world }) => {
				const draft = newRelease('release 2', alice, { title: 'a draft', coverId: null });
				draft.state = 'discarded';
				model.releases.push(draft);
				assert.equal(world.releases.length, 1);
			},
			[]
		],
		['an album has disappeared', ({ world }) => world.albums.pop(), ['album_lost']],
		[
			'a deleted album is there',
			({ release }) => release.albumIsThere.done(release.albumIsThere.begin(false)),
			['deleted_album_is_there']
		],
		[
			'an acknowledged title is not there',
			({ release }) => release.title.done(release.title.begin('new')),
			['album_title_lost']
		],
		[
			'an acknowledged cover is not there',
			({ release }) => release.coverId.done(release.coverId.begin(null)),
			['album_cover_lost']
		],
		[
			'the files were in another order',
			({ release }) => release.files.reverse(),
			['album_order_lost']
		],
		[
			'an acknowledged order is not there',
			({ release }) => release.order.done(release.order.begin([2, 1])),
			['album_order_lost']
		],
		[
			'an order without an answer is not there',
			({ release }) => release.order.unknown(release.order.begin([2, 1])),
			[]
		],
		['a track is in no album', ({ world }) => (last(world.tracks).album_id = null), ['place_lost']],
		[
			'a removed track is in the album',
			({ track }) => track.album.done(track.album.begin(NO_ALBUM)),
			['place_lost']
		],
		[
			'tracks of a deleted album are there',
			({ model, release, world }) => {
				release.albumIsThere.done(release.albumIsThere.begin(false));
				world.albums.pop();
				for (const { isThere } of model.tracks.values()) isThere.done(isThere.begin(false));
			},
			['deleted_track_is_there', 'deleted_track_is_there']
		],
		[
			'a broken file is a track',
			({ model, release, world }) => {
				const sound = { bytes: Buffer.from('x'), sha256: SHA, fileName: 'x', isBroken: true };
				const file = model.addUpload({ ...first(release.files), id: 'upload 3', sound });
				model.complete(file, 3);
				world.uploads.push({ ...first(world.uploads), id: 'upload 3' });
				assert.ok(model.tracks.delete(3));
			},
			['broken_file_published']
		],
		[
			'a sound file was said to be broken',
			({ model, release }) => model.fail(first(release.files), 'broken_audio'),
			['upload_refused']
		],
		[
			'a file was refused with an album that is there',
			({ model, release }) => model.fail(first(release.files), 'album_deleted'),
			['upload_refused']
		]
	];

	for (const [what, change, expected] of LIES) {
		it(`${what}: ${expected.join(', ') || 'nothing to report'}`, () => {
			const all = told();
			change(all);
			assert.deepEqual(
				checkModel(all.model, all.world).map(({ kind }) => kind),
				expected
			);
		});
	}
});
