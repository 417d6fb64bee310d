import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkModel } from '../torture/check-model.ts';
import { checkWorld } from '../torture/check-world.ts';
import { Model } from '../torture/model.ts';
import { Possible } from '../torture/possible.ts';
import { Artist } from '../torture/artist.ts';
import type { World } from '../torture/world.ts';
import { EARLIER_SHA, first, last, PICTURE, SHA, SITE, sound, URI } from './torture-world.ts';

const kinds = (world: World) => checkWorld(world, SITE).map(({ kind }) => kind);

/** What is done to a sound world, and all that must be said about it. */
const DAMAGES: [what: string, damage: (world: World) => unknown, expected: string[]][] = [
	['nothing', () => undefined, []],
	['a record is deleted', (w) => w.records.pop(), ['row_without_record']],
	[
		'a row is deleted',
		(w) => w.tracks.pop(),
		['record_without_row', 'file_without_reference', 'image_without_reference']
	],
	[
		'a record is added',
		(w) => w.records.push({ ...first(w.records), uri: `${URI}x` }),
		['record_without_row']
	],
	[
		'a row is there twice',
		(w) => w.tracks.push({ ...first(w.tracks), id: 2 }),
		['two_rows_of_one_record']
	],
	['a record was changed elsewhere', (w) => (first(w.records).cid = 'cid 2'), ['cid_differs']],
	['a title differs', (w) => (first(w.tracks).title = 'a sung'), ['title_differs']],
	['tags differ', (w) => (first(w.tracks).tags = []), ['tags_differs']],
	[
		'audio differs',
		(w) => (first(w.tracks).file_id = last(w.audioFiles).file_id),
		['audio_differs']
	],
	[
		'a picture differs',
		(w) => (first(w.tracks).image_id = null),
		['image_differs', 'image_without_reference']
	],
	['visibility differs', (w) => (first(w.tracks).visibility = 'unlisted'), ['unlisted_differs']],
	[
		'a deletion stops half-way',
		(w) => (first(w.tracks).visibility = 'deleting'),
		['deletion_not_finished']
	],
	[
		'a living record is buried',
		(w) => w.tombstones.push({ record_uri: URI }),
		['tombstone_of_the_living']
	],
	['an object is deleted', (w) => w.objects.shift(), ['file_without_object']],
	['an object is cut short', (w) => (first(w.objects).sizeBytes = 3), ['object_of_another_size']],
	[
		'an object has other bytes',
		(w) => (first(w.objects).sha256 = EARLIER_SHA),
		['object_with_other_bytes']
	],
	[
		'an object belongs to nothing',
		(w) => w.objects.push({ ...first(w.objects), key: 'audio/x.wav' }),
		['object_without_row']
	],
	[
		'the row of a file is deleted',
		(w) => w.audioFiles.shift(),
		['track_without_file', 'track_without_file', 'object_without_row']
	],
	[
		'the file of a revision is deleted',
		(w) => w.audioFiles.pop(),
		['revision_without_file', 'revision_without_file', 'object_without_row']
	],
	['a revision is deleted', (w) => w.revisions.pop(), ['file_without_reference']],
	[
		'a smaller file is named that is not there',
		(w) => w.smallerFiles.push({ of_file_id: first(w.audioFiles).file_id, file_id: 'gone' }),
		['smaller_without_file']
	],
	[
		'a smaller file is of one that is not there',
		(w) => w.smallerFiles.push({ of_file_id: 'gone', file_id: null }),
		['smaller_of_nothing']
	],
	[
		'a file is only the smaller one of another',
		(w) => {
			const [of, file] = [first(w.audioFiles), last(w.audioFiles)];
			w.smallerFiles.push({ of_file_id: of.file_id, file_id: file.file_id });
			w.revisions.pop();
		},
		[]
	],
	[
		'and that one is used by nothing',
		(w) => {
			const [of, file] = [last(w.audioFiles), { ...last(w.audioFiles) }];
			Object.assign(file, {
				file_id: 'ef'.repeat(8),
				sha256: 'ef'.repeat(32),
				storage_key: 'audio/e'
			});
			w.audioFiles.push(file);
			w.objects.push({ ...first(w.objects), key: file.storage_key, sha256: file.sha256 });
			w.smallerFiles.push({ of_file_id: of.file_id, file_id: file.file_id });
			w.revisions.pop();
		},
		['file_without_reference', 'file_without_reference']
	],
	['a rendition is deleted', (w) => w.objects.pop(), ['image_without_object']],
	['a rendition is broken', (w) => (last(w.objects).picture = null), ['broken_picture']],
	[
		'a rendition has another size',
		(w) => (last(w.objects).picture = { format: 'webp', widthPx: 96, heightPx: 96 }),
		['broken_picture']
	],
	[
		'the row of a picture is deleted',
		(w) => w.images.pop(),
		['track_without_image', 'object_without_row']
	],
	['something is left in staging', (w) => w.staged.push('upload 2'), ['left_in_staging']],
	[
		'a released object stays',
		(w) => (first(w.released).deleted_at = null),
		['released_and_not_deleted']
	],
	[
		'a job is stuck',
		(w) => w.jobs.push({ queue: 'uploads', state: 'retry', key: 'upload 1' }),
		['job_stuck']
	],
	['an upload is stuck', (w) => (first(w.uploads).status = 'processing'), ['upload_stuck']]
];

describe('what is checked after the torture: of the world', () => {
	for (const [what, damage, expected] of DAMAGES) {
		it(`${what}: ${expected.join(', ') || 'nothing to report'}`, () => {
			const world = sound();
			damage(world);
			assert.deepEqual(kinds(world), expected);
		});
	}
});

describe('what is checked after the torture: of what the artists were told', () => {
	const alice = new Artist('http://127.0.0.1:1', 'alice', () => undefined);
	const file = (sha256: string) => ({ bytes: Buffer.from('1234567'), sha256, fileName: 'a.wav' });

	function told() {
		const model = new Model();
		const upload = model.addUpload({
			id: 'upload 1',
			artist: alice,
			sound: file(EARLIER_SHA),
			title: 'a song',
			imageId: PICTURE,
			album: null,
			release: null,
			replaces: null,
			attempt: null
		});
		model.complete(upload, 1);
		const track = model.tracks.get(1) ?? assert.fail('no track');
		track.tags.done(track.tags.begin('live'));
		track.audio.done(track.audio.begin(SHA));
		track.heard.set(SHA, file(SHA));
		return { model, track, upload, world: sound() };
	}
	type Told = ReturnType<typeof told>;

	const LIES: [what: string, change: (all: Told) => unknown, expected: string[]][] = [
		['nothing', () => undefined, []],
		[
			'an acknowledged edit is not there',
			({ track }) => track.title.done(track.title.begin('new')),
			['title_lost']
		],
		[
			'acknowledged tags are not there',
			({ world }) => (first(world.tracks).tags = []),
			['tags_lost']
		],
		[
			'an acknowledged picture is not there',
			({ world }) => (first(world.tracks).image_id = null),
			['picture_lost']
		],
		[
			'the audio is another one',
			({ track }) => track.audio.done(track.audio.begin('12')),
			['audio_lost']
		],
		[
			'an earlier version is not kept',
			({ world }) => world.revisions.pop(),
			['earlier_audio_lost']
		],
		['a track has disappeared', ({ world }) => world.tracks.pop(), ['track_lost']],
		[
			'a deleted track is there',
			({ track }) => track.isThere.done(track.isThere.begin(false)),
			['deleted_track_is_there']
		],
		[
			'a track nobody has sent is there',
			({ world }) => world.tracks.push({ ...first(world.tracks), id: 2 }),
			['unknown_track']
		],
		['an upload has disappeared', ({ world }) => world.uploads.pop(), ['upload_lost']],
		[
			'an accepted upload never ended',
			({ upload }) => (upload.state = 'accepted'),
			['upload_not_finished']
		],
		[
			'a discarded upload is there',
			({ upload }) => (upload.state = 'discarded'),
			['discarded_upload_is_there']
		],
		[
			'an upload was refused without a reason',
			({ model, upload }) => model.fail(upload, 'duplicate_upload'),
			['upload_refused']
		],
		[
			'a deletion without an answer was done',
			({ track, world }) => {
				track.isThere.unknown(track.isThere.begin(false));
				world.tracks.pop();
			},
			[]
		],
		[
			'an edit without an answer was not done',
			({ track }) => track.title.unknown(track.title.begin('new')),
			[]
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

describe('what something may be', () => {
	it('is what was said to be done last', () => {
		const title = new Possible('a');
		title.done(title.begin('b'));
		assert.deepEqual([...title.values], ['b']);
	});

	it('is what it was when a change was refused', () => {
		const title = new Possible('a');
		title.refused(title.begin('b'));
		assert.deepEqual([...title.values], ['a']);
	});

	it('is either when nobody has answered, until the next answer', () => {
		const title = new Possible('a');
		title.unknown(title.begin('b'));
		assert.deepEqual([...title.values], ['a', 'b']);
		title.done(title.begin('c'));
		assert.deepEqual([...title.values], ['c']);
	});

	it('is any of those that were asked for at the same time', () => {
		const title = new Possible('a');
		const [one, two] = [title.begin('b'), title.begin('c')];
		title.done(one);
		title.done(two);
		assert.ok(title.has('b') && title.has('c'));
	});
});
