import '../../../tests/compile-runes.ts';
import { useMemoryStorage } from '../../../tests/memory-storage.ts';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { UploadInTab as Upload } from '#lib/uploads/upload-in-tab.svelte.ts';
import { rememberUpload } from '#lib/uploads/remembered-uploads.ts';
import type { FileToSend } from '#lib/uploads/uploader.ts';
import type { UploadsInTab } from '#lib/uploads/uploads-in-tab.svelte.ts';
import type { ReleaseChange, ReleaseState, ReleaseTrackState } from './release.ts';

const { UploadInTab } = await import('#lib/uploads/upload-in-tab.svelte.ts');
const { ReleaseDraft } = await import('./release-draft.svelte.ts');

const DID = 'did:plc:a';
const NO_PICTURE = { image_id: null, image_url: null };

function track(id: string, position: number, more: Partial<ReleaseTrackState> = {}) {
	const state = {
		upload: { upload_id: id, status: 'waiting', error_code: 'draft', file_name: id, version: 1 },
		position,
		fields: {
			...{ title: null, description: null, tags: null, features: null },
			...{ is_explicit: false, is_unlisted: false, ...NO_PICTURE }
		},
		suggested: {
			...{ title: `${id} by the file`, artist: null, track_number: null, disc_number: null },
			...{ year: null, tags: [], isrc: null, has_lyrics: false, ...NO_PICTURE }
		},
		duplicate_of: null,
		...more
	};
	return state as unknown as ReleaseTrackState;
}

const release = (...tracks: ReleaseTrackState[]): ReleaseState => ({
	release_id: 'r',
	status: 'draft',
	fields: { album_title: null, description: null, year: null, ...NO_PICTURE },
	suggested: { album_title: 'low water', year: 2024, ...NO_PICTURE },
	rights_confirmed: false,
	release_at: null,
	takes_files_until: null,
	is_arriving: false,
	album_deletion: null,
	album: null,
	tracks,
	created_at: '2025-11-19T00:00:00.000Z',
	updated_at: '2025-11-19T00:00:00.000Z'
});

describe('a draft', () => {
	let known: Upload[];
	const nothing = () => undefined;
	/** what the server and the uploader were asked, in order */
	const asked: string[] = [];
	const uploader = {
		...{ drop: nothing, dropUnbegun: nothing, dropRelease: nothing },
		stopRelease: () => {
			asked.push('stop sending');
			return () => asked.push('send on');
		},
		send: (releaseId: string, [file]: FileToSend[]) =>
			file ? [new UploadInTab('new', releaseId, file)] : []
	};
	const uploads = {
		find: (id: string) => known.find(({ uploadId }) => uploadId === id),
		uploader: () => Promise.resolve(uploader)
	} as unknown as UploadsInTab;
	const titles = (draft: InstanceType<typeof ReleaseDraft>) =>
		draft.tracks.map(({ title }) => title);
	const local = (position: number, name = 'c.wav') => {
		const source = { file: new File(['x'], name, { lastModified: 1 }), path: name };
		return new UploadInTab(`k${position}`, 'r', { source, position });
	};

	// what is saved is the autosave's business; nothing is sent here
	beforeEach(() => {
		known = [];
		useMemoryStorage();
		mock.timers.enable({ apis: ['setTimeout'] });
	});
	afterEach(() => mock.timers.reset());

	it('shows what the files say until something is typed, which then holds', () => {
		const draft = new ReleaseDraft(release(track('a', 1)), uploads, DID);
		const [first] = draft.tracks;
		assert.ok(first);
		assert.equal(draft.head.albumTitle, 'low water');
		assert.equal(first.title, 'a by the file');
		draft.changeTrack(first, { title: 'typed' });
		draft.head.change({ album_title: 'high water' });
		const read = track('a', 1, { suggested: { ...track('a', 1).suggested, title: 'read anew' } });
		draft.noteServer({ ...release(read), suggested: { ...release().suggested, album_title: 'x' } });
		assert.equal(first.title, 'typed');
		assert.equal(draft.head.albumTitle, 'high water');
		assert.equal(draft.tracks[0], first, 'the row is the same: nothing typed in it is lost');
	});

	it('lets a field be empty while it is typed, and goes back to the file when it stays so', () => {
		const draft = new ReleaseDraft(release(track('a', 1)), uploads, DID);
		const [first] = draft.tracks;
		assert.ok(first);
		draft.changeTrack(first, { title: '' });
		assert.equal(first.title, '');
		assert.equal(first.name, 'a by the file');
		draft.changeTrack(first, { title: null });
		assert.equal(first.title, 'a by the file');
	});

	it('keeps an order that was made by hand, whatever order the server tells later', () => {
		const draft = new ReleaseDraft(
			release(track('a', 1), track('b', 2), track('c', 3)),
			uploads,
			DID
		);
		draft.moveTrack(2, 0);
		assert.deepEqual(titles(draft), ['c by the file', 'a by the file', 'b by the file']);
		draft.noteServer(release(track('b', 1), track('a', 2), track('c', 3)));
		assert.deepEqual(titles(draft), ['c by the file', 'a by the file', 'b by the file']);
	});

	it('follows the order of the server while nobody has moved anything', () => {
		const draft = new ReleaseDraft(release(track('a', 1), track('b', 2)), uploads, DID);
		draft.noteServer(release(track('b', 1), track('a', 2)));
		assert.deepEqual(titles(draft), ['b by the file', 'a by the file']);
	});

	it('lists a file the server does not know yet, and keeps its row when it does', () => {
		const draft = new ReleaseDraft(release(track('a', 1)), uploads, DID);
		const upload = local(2);
		known = [upload];
		draft.noteLocal(known, 0);
		assert.deepEqual(titles(draft), ['a by the file', 'c']);
		const [, row] = draft.tracks;
		assert.ok(row);
		draft.changeTrack(row, { title: 'typed early' });
		assert.equal(draft.summary.isTooEarly, true);
		upload.uploadId = 'c';
		draft.noteLocal(known, 1);
		draft.noteServer(release(track('a', 1), track('c', 2)));
		assert.equal(draft.tracks[1], row);
		assert.deepEqual(titles(draft), ['a by the file', 'typed early']);
		assert.equal(draft.summary.isTooEarly, false);
	});

	describe('about a file the server does not know yet', () => {
		/** What the browser sends to the server, as JSON. */
		const sent: unknown[] = [];
		beforeEach(() => {
			sent.length = 0;
			mock.method(globalThis, 'fetch', (_: string, init: RequestInit) => {
				sent.push(JSON.parse(init.body as string));
				return Promise.reject(new TypeError('no line'));
			});
		});
		afterEach(() => mock.restoreAll());

		it('keeps what was typed through a reload, for the same file', () => {
			const first = new ReleaseDraft(release(), uploads, DID);
			known = [local(1)];
			first.noteLocal(known, 0);
			const [row] = first.tracks;
			assert.ok(row);
			first.changeTrack(row, { title: 'typed early' });
			assert.equal(row.isUnsentKept, true);

			rememberUpload(known[0]?.source?.file ?? new File([], ''), DID, {
				...{ uploadId: null, releaseId: 'r', replacesTrackId: null }
			});
			const without = new ReleaseDraft(release(track('a', 1)), uploads, DID);
			without.restore();
			assert.deepEqual(without.missing, [
				{ name: 'c.wav', sizeBytes: 1, modifiedMs: 1, isTyped: true }
			]);
			assert.equal(without.summary.isTooEarly, true, 'it would be published without it');

			known = [local(1), local(2, 'other.wav')];
			const second = new ReleaseDraft(release(), uploads, DID);
			second.restore();
			second.noteLocal(known, 0);
			assert.deepEqual(titles(second), ['typed early', 'other']);
			assert.equal(second.summary.isTooEarly, true);
			assert.deepEqual(second.missing, []);

			const [left] = without.missing;
			assert.ok(left);
			without.leaveOut(left);
			assert.equal(without.summary.isTooEarly, false);
		});

		it('misses it although another file is called the same', () => {
			const named = track('a', 1);
			Object.assign(named.upload, { file_name: '01.wav', size_bytes: 1, modified_ms: 1 });
			for (const words of ['x', 'of disc two', 'of disc three']) {
				rememberUpload(new File([words], '01.wav', { lastModified: 1 }), DID, {
					...{ uploadId: null, releaseId: 'r', replacesTrackId: null }
				});
			}
			const draft = new ReleaseDraft(release(named), uploads, DID);
			draft.restore();
			const sizes = () => draft.missing.map(({ name, sizeBytes }) => [name, sizeBytes]);
			assert.deepEqual(sizes(), [
				['01.wav', 11],
				['01.wav', 13]
			]);
			const [second] = draft.missing;
			assert.ok(second);
			draft.leaveOut(second);
			draft.noteServer(release(named));
			assert.deepEqual(sizes(), [['01.wav', 13]]);
		});

		it('saves it when the file begins, also when the page was left before', async () => {
			const draft = new ReleaseDraft(release(), uploads, DID);
			const upload = local(1);
			known = [upload];
			draft.noteLocal(known, 0);
			const [row] = draft.tracks;
			assert.ok(row);
			draft.changeTrack(row, { title: 'typed early' });
			draft.autosave.leave();
			upload.noteBegun('c');
			await Promise.resolve();
			mock.timers.tick(700);
			await Promise.resolve();
			const change = { tracks: [{ upload_id: 'c', fields: { title: 'typed early' } }] };
			assert.deepEqual(sent, [change]);

			// nobody answered: it is there when the page is opened again
			const state = track('c', 1);
			Object.assign(state.upload, { file_name: 'c.wav', size_bytes: 1 });
			const again = new ReleaseDraft(release(state), uploads, DID);
			again.restore();
			assert.deepEqual(titles(again), ['typed early']);
		});

		it('finds it by the file when the page died between the two', () => {
			const draft = new ReleaseDraft(release(), uploads, DID);
			const upload = local(1);
			known = [upload];
			draft.noteLocal(known, 0);
			const [row] = draft.tracks;
			assert.ok(row);
			draft.changeTrack(row, { title: 'typed early' });
			const modified = upload.source?.file.lastModified;
			const state = track('c', 1);
			Object.assign(state.upload, { file_name: 'c.wav', size_bytes: 1, modified_ms: modified });
			const again = new ReleaseDraft(release(state), uploads, DID);
			again.restore();
			assert.deepEqual(titles(again), ['typed early']);
			assert.equal(again.autosave.state, 'unsaved', 'and it is on its way');
		});
	});

	describe('in which another file takes the place of one', () => {
		const half = () => {
			const state = track('a', 1);
			Object.assign(state.upload, { status: 'receiving' });
			return state;
		};
		const replace = async () => {
			const draft = new ReleaseDraft(release(half(), track('b', 2)), uploads, DID);
			const [first] = draft.tracks;
			assert.ok(first);
			draft.changeTrack(first, { title: 'typed' });
			await draft.replace(first, new File(['xx'], 'other.wav', { lastModified: 5 }), DID);
			const next = draft.tracks[0]?.local;
			assert.ok(next);
			return { draft, next };
		};

		it('shows only that one, also while the server still knows the other', async () => {
			const { draft, next } = await replace();
			draft.noteServer(release(half(), track('b', 2)));
			assert.deepEqual(titles(draft), ['typed', 'b by the file']);
			next.noteBegun('n');
			await Promise.resolve();
			next.phase = 'over';
			draft.noteServer(release(half(), track('b', 2)));
			assert.deepEqual(titles(draft), ['typed', 'b by the file']);
		});

		it('shows the earlier one again, with what was typed, when the other is refused', async () => {
			const { draft, next } = await replace();
			next.fail('the file this one was to take the place of has arrived');
			draft.noteServer(release(track('a', 1), track('b', 2)));
			assert.deepEqual(
				draft.tracks.map(({ uploadId, title }) => [uploadId, title]),
				[
					['a', 'typed'],
					[null, 'typed'],
					['b', 'b by the file']
				]
			);
			assert.equal(draft.summary.count, 2);
		});
	});

	describe('that is discarded', () => {
		let isLineDead: boolean;
		const type = () => {
			const draft = new ReleaseDraft(release(track('a', 1)), uploads, DID);
			const [first] = draft.tracks;
			assert.ok(first);
			draft.changeTrack(first, { title: 'typed' });
			return draft;
		};
		beforeEach(() => {
			asked.length = 0;
			mock.method(globalThis, 'fetch', (_: string, { method = 'GET' }: RequestInit = {}) => {
				asked.push(method);
				if (isLineDead) return Promise.reject(new TypeError('no line'));
				const body = method === 'DELETE' ? null : JSON.stringify(release(track('a', 1)));
				return Promise.resolve(new Response(body, { status: body === null ? 204 : 200 }));
			});
		});
		afterEach(() => mock.restoreAll());

		it('loses nothing of what was typed when that fails', async () => {
			isLineDead = true;
			const draft = type();
			await assert.rejects(draft.discard());
			assert.deepEqual(asked.slice(-3), ['stop sending', 'DELETE', 'send on']);
			assert.notEqual(draft.autosave.state, 'saved');
			assert.equal(await draft.autosave.flush(), false);
			const again = new ReleaseDraft(release(track('a', 1)), uploads, DID);
			again.restore();
			assert.deepEqual(titles(again), ['typed']);
			isLineDead = false;
			assert.equal(await draft.autosave.flush(), true);
		});

		it('is forgotten, and nothing of it is sent any more', async () => {
			isLineDead = false;
			const draft = type();
			await draft.discard();
			draft.autosave.leave();
			mock.timers.tick(100_000);
			await Promise.resolve();
			assert.deepEqual(asked, ['stop sending', 'DELETE']);
			assert.equal(Object.keys(localStorage).length, 0);
		});
	});

	describe('that is not found', () => {
		let signedIn: string;
		const find = () => {
			const draft = new ReleaseDraft(release(track('a', 1)), uploads, DID);
			draft.restore();
			const [first] = draft.tracks;
			assert.ok(first);
			draft.changeTrack(first, { description: 'long words' });
			return draft;
		};
		const keptDescription = () => {
			const draft = new ReleaseDraft(release(track('a', 1)), uploads, DID);
			draft.restore();
			return draft.tracks[0]?.description;
		};
		beforeEach(() => {
			mock.method(globalThis, 'fetch', (path: string) => {
				const isMe = path === '/api/auth/me';
				const answer = isMe ? { did: signedIn } : { detail: 'release not found' };
				return Promise.resolve(new Response(JSON.stringify(answer), { status: isMe ? 200 : 404 }));
			});
		});
		afterEach(() => mock.restoreAll());

		it('was discarded, when its artist is signed in: nothing of it is kept', async () => {
			signedIn = DID;
			const draft = find();
			assert.equal(await draft.refresh(), true);
			assert.deepEqual([draft.requests.isGone, draft.requests.isForeign], [true, false]);
			assert.equal(keptDescription(), '');
		});

		it('keeps everything, and says why, when somebody else is signed in', async () => {
			signedIn = 'did:plc:b';
			const draft = find();
			assert.equal(await draft.refresh(), true);
			assert.deepEqual([draft.requests.isGone, draft.requests.isForeign], [false, true]);
			assert.equal(keptDescription(), 'long words');
			assert.equal(await draft.settle(), false);
			assert.match(draft.autosave.problem ?? '', /somebody else is signed in/);

			mock.method(globalThis, 'fetch', () =>
				Promise.resolve(new Response(JSON.stringify(release(track('a', 1)))))
			);
			assert.equal(await draft.settle(), true);
			assert.equal(draft.requests.isForeign, false);
		});
	});

	describe('opened again in a browser that kept something', () => {
		const sent: ReleaseChange[] = [];
		let server: ReleaseState;
		let isLineDead: boolean;
		const settle = async () => {
			mock.timers.tick(700);
			for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
		};
		const open = () => {
			const draft = new ReleaseDraft(server, uploads, DID);
			draft.restore();
			return draft;
		};
		/** What somebody else has made of the title of the first track meanwhile. */
		const titled = (title: string | null) => {
			const [first, ...others] = server.tracks;
			assert.ok(first);
			const fields = { ...first.fields, title };
			server = { ...server, tracks: [{ ...first, fields }, ...others] };
		};
		/** A page is opened, typed into and closed. */
		const typeTitle = async (...titles: string[]) => {
			const draft = open();
			const [first] = draft.tracks;
			assert.ok(first);
			for (const title of titles) {
				draft.changeTrack(first, { title });
				if (title !== titles.at(-1)) await settle();
			}
			if (titles.length === 1) draft.autosave.sendLast();
			if (titles.length === 1) await settle();
			// nothing of the page goes on
			mock.timers.reset();
			mock.timers.enable({ apis: ['setTimeout'] });
		};

		beforeEach(() => {
			sent.length = 0;
			isLineDead = true;
			server = release(track('a', 1), track('b', 2), track('c', 3));
			mock.method(globalThis, 'fetch', (_: string, init: RequestInit) => {
				if (isLineDead) return Promise.reject(new TypeError('no line'));
				sent.push(JSON.parse(init.body as string) as ReleaseChange);
				return Promise.resolve(new Response(JSON.stringify(server)));
			});
		});
		afterEach(() => mock.restoreAll());

		it('saves what was typed over something that is still there', async () => {
			await typeTitle('typed');
			isLineDead = false;
			assert.equal(open().tracks[0]?.title, 'typed');
			await settle();
			assert.deepEqual(sent, [{ tracks: [{ upload_id: 'a', fields: { title: 'typed' } }] }]);
		});

		it('writes it over nothing newer, and shows it until its artist uses it', async () => {
			await typeTitle('laptop, monday');
			isLineDead = false;
			titled('phone, tuesday');
			open();
			await settle();
			const draft = open();
			await settle();
			assert.deepEqual(sent, [], 'whoever only looks changes nothing');
			assert.equal(draft.tracks[0]?.title, 'phone, tuesday');
			assert.deepEqual(draft.apart.values, [['title:a', 'laptop, monday']]);

			draft.useKept('title:a');
			assert.equal(draft.tracks[0].title, 'laptop, monday');
			await settle();
			assert.deepEqual(sent, [
				{ tracks: [{ upload_id: 'a', fields: { title: 'laptop, monday' } }] }
			]);
			assert.equal(open().apart.values.length, 0);
		});

		it('keeps it apart when something else is typed there, until it is dropped', async () => {
			await typeTitle('laptop, monday');
			isLineDead = false;
			titled('phone, tuesday');
			await typeTitle('laptop, wednesday');
			titled('laptop, wednesday');
			const draft = open();
			assert.deepEqual(draft.apart.values, [['title:a', 'laptop, monday']]);
			draft.apart.take('title:a');
			assert.equal(draft.apart.values.length, 0);
			assert.equal(open().apart.values.length, 0);
		});

		it('asks nothing about what has arrived although the answer did not', async () => {
			await typeTitle(' typed ');
			titled('typed');
			isLineDead = false;
			const draft = open();
			await settle();
			assert.deepEqual([sent, draft.apart.values.length], [[], 0]);
		});

		it('goes on after what was sent last, also when the browser died while more was typed', async () => {
			await typeTitle('ty', 'typed');
			titled('ty');
			const again = open();
			assert.equal(again.tracks[0]?.title, 'typed');
			assert.equal(again.apart.values.length, 0);
		});

		it('makes the order that was made here unless there is another one by now', () => {
			open().moveTrack(2, 0);
			server = release(track('a', 1), track('c', 2));
			assert.deepEqual(
				titles(open()),
				['c by the file', 'a by the file'],
				'one file was taken out'
			);
			server = release(track('b', 1), track('a', 2), track('c', 3));
			const draft = open();
			assert.deepEqual(titles(draft), ['b by the file', 'a by the file', 'c by the file']);
			assert.deepEqual(draft.apart.values, [['position', null]]);
			draft.useKept('position');
			assert.deepEqual(titles(draft), ['c by the file', 'a by the file', 'b by the file']);
		});

		it('asks nobody to correct a field of a file that is gone', async () => {
			const refuse = () => {
				const detail = { field: 'title:a', message: 'a: the title is too long' };
				return Promise.resolve(new Response(JSON.stringify({ detail }), { status: 422 }));
			};
			const gone = release(track('b', 2));
			const typeTooMuch = async () => {
				mock.method(globalThis, 'fetch', refuse);
				const draft = open();
				const [first] = draft.tracks;
				assert.ok(first);
				draft.changeTrack(first, { title: 'too long' });
				await settle();
				assert.equal(await draft.settle(), false);
				assert.equal(draft.autosave.complaint, 'a: the title is too long');
				return draft;
			};
			const draft = await typeTooMuch();
			draft.noteServer(gone);
			assert.equal(await draft.settle(), true, 'it was taken out elsewhere');
			server = gone;
			assert.equal(await open().settle(), true, 'nor when the page is opened again');

			server = release(track('a', 1), track('b', 2));
			const own = await typeTooMuch();
			const [first] = own.tracks;
			assert.ok(first);
			mock.method(globalThis, 'fetch', () => Promise.resolve(new Response(null, { status: 204 })));
			await own.remove(first);
			assert.equal(await own.settle(), true, 'it was taken out here');
			assert.equal(Object.keys(localStorage).length, 0, 'nothing of it is kept');
		});

		it('never opens a release by being looked at', async () => {
			server = { ...server, status: 'published', release_at: '2027-01-01T00:00:00.000Z' };
			const draft = open();
			draft.head.setReleaseAt(null);
			assert.equal(await draft.settle(), false);
			draft.autosave.leave();
			isLineDead = false;
			mock.timers.tick(100_000);
			await settle();
			const again = open();
			await settle();
			assert.deepEqual(sent, []);
			assert.equal(again.head.releaseAt, server.release_at);
		});

		it('does not open what was given a date after its date was emptied here', async () => {
			const releaseAt = '2027-01-01T00:00:00.000Z';
			server = { ...server, release_at: releaseAt };
			const draft = open();
			draft.head.setReleaseAt(null);
			draft.autosave.sendLast();
			server = { ...server, status: 'published' };
			isLineDead = false;
			open();
			await settle();
			assert.deepEqual(sent, []);
		});
	});

	it('says what is published, and what is left out and why', () => {
		const twin = { track_id: 7, upload_id: null, title: 'slow tide' };
		const failed = { status: 'failed', error: 'this is text' };
		const broken = track('b', 2);
		Object.assign(broken.upload, failed);
		const draft = new ReleaseDraft(
			release(track('a', 1), broken, track('c', 3, { duplicate_of: twin })),
			uploads,
			DID
		);
		const { count, leftOut } = draft.summary;
		assert.equal(count, 1);
		assert.deepEqual(
			leftOut.map(({ name, why }) => [name, why]),
			[
				['b by the file', 'this is text'],
				['c by the file', 'the same file as “slow tide”']
			]
		);
	});
});
