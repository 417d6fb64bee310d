import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseState } from '#lib/releases/release.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { anyPitch, listTrackRecords } from './publishing-site.ts';
import { openProductDatabase } from '../e2e/product-database.ts';
import { locationOf, Visitor } from './visitor.ts';

const song = () => makeSample('mp3', { seconds: 1, hertz: anyPitch() });

describe('a release over http', { timeout: 240_000 }, () => {
	let site: LocalSite;
	let alice: Visitor;
	let bob: Visitor;
	before(async () => {
		site = await startLocalSite();
		alice = await artist('alice');
		bob = await artist('bob');
	});
	after(() => site.close());

	async function artist(name: string): Promise<Visitor> {
		const person = new Visitor(site.url);
		const setup = locationOf(await person.signIn(name));
		await person.submit(setup, { display_name: `${name} plays`, bio: '' });
		return person;
	}

	async function api(person: Visitor, method: string, path: string, body?: unknown) {
		const response = await person.open(path, {
			method,
			headers: {
				origin: site.url,
				accept: 'application/json',
				...(body === undefined ? {} : { 'content-type': 'application/json' })
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) })
		});
		return { status: response.status, body: (await response.json()) as Record<string, unknown> };
	}

	const begin = async () => String((await api(alice, 'POST', '/api/releases')).body['release_id']);
	const read = async (id: string) =>
		(await api(alice, 'GET', `/api/releases/${id}`)).body as unknown as ReleaseState;

	/** Sends a file by tus in one request. */
	async function tus(
		person: Visitor,
		metadata: Record<string, string>,
		bytes: Uint8Array,
		isSent = true
	) {
		const response = await person.open('/api/uploads/tus', {
			method: 'POST',
			...(isSent ? { body: new Uint8Array(bytes) } : {}),
			headers: {
				origin: site.url,
				'tus-resumable': '1.0.0',
				'upload-length': String(bytes.byteLength),
				...(isSent ? { 'content-type': 'application/offset+octet-stream' } : {}),
				'upload-metadata': Object.entries(metadata)
					.map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
					.join(',')
			}
		});
		return {
			status: response.status,
			text: await response.text(),
			id: response.headers.get('location')?.split('/').at(-1) ?? ''
		};
	}

	async function until(id: string, status: string): Promise<ReleaseState> {
		for (let i = 0; i < 600; i++) {
			const release = await read(id);
			if (release.tracks.every(({ upload }) => upload.status === status)) return release;
			await sleep(100);
		}
		return assert.fail(`it is not ${status}`);
	}

	it('takes files by tus, each with its place and path, and tells how they are', async () => {
		const id = await begin();
		const sent = await Promise.all(
			['b.mp3', 'a.mp3'].map(async (filename, at) =>
				tus(
					alice,
					{
						release_id: id,
						release_position: String(at + 1),
						filename,
						path: `lp/cd ${2 - at}/${filename}`
					},
					await song()
				)
			)
		);
		assert.deepEqual(
			sent.map(({ status }) => status),
			[201, 201]
		);
		const release = await until(id, 'waiting');
		assert.deepEqual(
			release.tracks.map(({ upload, suggested }) => [upload.file_name, suggested.disc_number]),
			[
				['a.mp3', 1],
				['b.mp3', 2]
			]
		);
		const single = await api(alice, 'GET', `/api/tracks/uploads/${sent[0]?.id}`);
		assert.equal(single.body['release_id'], id);
		assert.equal(single.body['release_position'], 1);

		const foreign = await tus(bob, { release_id: id, filename: 'c.mp3' }, await song());
		assert.equal(foreign.status, 404);
		const nowhere = await tus(alice, { release_id: 'none', filename: 'c.mp3' }, await song());
		assert.equal(nowhere.status, 404);
		assert.equal((await api(bob, 'GET', `/api/releases/${id}`)).status, 404);
		assert.equal((await bob.open(`/upload/${id}`)).status, 404);
		assert.equal((await bob.submit(`/upload/${id}?/publish`, { rights: 'on' })).status, 404);
		assert.equal((await api(alice, 'DELETE', `/api/releases/${id}`)).status, 200);
		assert.equal((await api(alice, 'GET', `/api/releases/${id}`)).status, 404);
	});

	it('says which track does not fit, and why', async () => {
		const id = await begin();
		const { id: upload } = await tus(alice, { release_id: id, filename: 'song.mp3' }, await song());
		const change = (body: unknown) => api(alice, 'PATCH', `/api/releases/${id}`, body);
		const track = (fields: object) => ({ tracks: [{ upload_id: upload, fields }] });
		for (const [body, field, sentence] of [
			[
				track({ title: 'x'.repeat(257) }),
				`title:${upload}`,
				/^song\.mp3: the title is too long: at most 256/
			],
			[
				track({ features: ['no handle'] }),
				`features:${upload}`,
				/^song\.mp3: each feature must be a handle/
			],
			[track({ tags: ['ok', '#'] }), `tags:${upload}`, /^song\.mp3: "#" cannot be a tag/],
			[
				track({ image_id: '0123456789abcdef' }),
				`image_id:${upload}`,
				/there is no picture with this id/
			],
			[{ fields: { year: 26 } }, 'year', /^the year has four digits/],
			[{ release_at: '2020-01-01T00:00:00Z' }, 'release_at', /is over already/],
			[{ release_at: 'soon' }, 'release_at', /is written like/],
			[{ tracks: [{ upload_id: upload, position: 0 }] }, `position:${upload}`, /a number from 1 on/]
		] as const) {
			const { status, body: answer } = await change(body);
			assert.equal(status, 422, JSON.stringify(answer));
			assert.equal(answer['code'], 'invalid_field');
			const detail = answer['detail'] as { field: string; message: string };
			assert.equal(detail.field, field);
			assert.match(detail.message, sentence);
		}
		const fit = await change(
			track({ title: ' A  Song ', tags: ['#Dub', 'dub'], is_explicit: true })
		);
		const [kept] = (fit.body as unknown as ReleaseState).tracks;
		assert.deepEqual(
			[kept?.fields.title, kept?.fields.tags, kept?.fields.is_explicit],
			['A Song', ['dub'], true]
		);
		// as large as the words of an album are, and with tracks another tab has taken out
		const gone = Array.from({ length: 30 }, (_, n) => `gone-${n}`);
		const description = 'x'.repeat(5_000);
		const large = await change({
			tracks: [...gone, upload].map((upload_id) => ({ upload_id, fields: { description } }))
		});
		assert.equal(large.status, 200);
		assert.equal(
			(large.body as unknown as ReleaseState).tracks[0]?.fields.description,
			description
		);
		const refused = await api(alice, 'POST', `/api/releases/${id}/publish`);
		assert.deepEqual([refused.status, refused.body['code']], [422, 'rights_not_confirmed']);
		await api(alice, 'DELETE', `/api/releases/${id}`);
	});

	it('is edited, ordered and published with plain forms', async () => {
		const id = await begin();
		for (const filename of ['1.mp3', '2.mp3', '3.mp3']) {
			await tus(alice, { release_id: id, filename }, await song());
		}
		const draft = await until(id, 'waiting');
		assert.match(await (await alice.open('/upload')).text(), new RegExp(`/upload/${id}`));
		const [one = '', two = '', three = ''] = draft.tracks.map(({ upload }) => upload.upload_id);
		const fields = {
			album_title: 'By Hand',
			description: 'made without scripts',
			year: '2026',
			release_at: '',
			[`title:${one}`]: 'first',
			[`position:${one}`]: '1',
			[`title:${two}`]: 'second',
			[`position:${two}`]: '2',
			[`title:${three}`]: 'third',
			[`position:${three}`]: '1',
			[`tags:${three}`]: 'Field Recording, rain',
			[`explicit:${three}`]: 'on'
		};
		const page = `/upload/${id}`;
		const wrong = await alice.submit(`${page}?/save`, {
			...fields,
			year: 'next',
			album_title: 'Kept'
		});
		assert.equal(wrong.status, 422);
		const again = await wrong.text();
		assert.match(again, /the year is a number[^]*value="Kept"/);
		assert.doesNotMatch(again, /NaN/);

		const saved = await alice.submit(`${page}?/save`, fields);
		assert.equal(locationOf(saved), `${page}?saved=yes`);
		assert.deepEqual(
			(await read(id)).tracks.map(({ fields: { title, tags, is_explicit } }) => [
				title,
				tags,
				is_explicit
			]),
			[
				['third', ['field recording', 'rain'], true],
				['first', null, false],
				['second', null, false]
			]
		);
		const typed = { year: '2026', [`title:${one}`]: 'first, at last', upload_id: two };
		await alice.submit(`${page}?/remove`, { ...typed, year: '1' });
		assert.equal((await read(id)).tracks.length, 3, 'what does not fit would be lost');
		await alice.submit(`${page}?/remove`, typed);
		assert.deepEqual(
			(await read(id)).tracks.map((track) => track.fields.title),
			['third', 'first, at last']
		);
		const unticked = await alice.submit(`${page}?/publish`, {});
		assert.equal(unticked.status, 422);
		assert.match(await unticked.text(), /tick the box/);
		assert.equal(locationOf(await alice.submit(`${page}?/publish`, { rights: 'on' })), '/portal');
		assert.equal(locationOf(await alice.submit(`${page}?/publish`, { rights: 'on' })), '/portal');
		const done = await until(id, 'completed');
		assert.equal(done.tracks.length, 2);
		const records = await listTrackRecords(site.network.pdsUrl, await myDid());
		records.sort((a, b) =>
			String(a.value['createdAt']).localeCompare(String(b.value['createdAt']))
		);
		assert.deepEqual(
			records.map(({ value }) => [value['title'], value['album']]),
			[
				['third', 'By Hand'],
				['first, at last', 'By Hand']
			]
		);
		assert.equal((await alice.submit(`${page}?/discard`, {})).status, 409);
	});

	const myDid = async () => String((await api(alice, 'GET', '/api/auth/me')).body['did']);

	it('opens what is scheduled when the button says so, and by nothing else', async () => {
		const id = await begin();
		await tus(alice, { release_id: id, filename: '1.mp3' }, await song());
		await until(id, 'waiting');
		const page = `/upload/${id}`;
		const later = new Date(Date.now() + 7 * 24 * 3600_000).toISOString().slice(0, 16);
		await alice.submit(`${page}?/publish`, { rights: 'on', release_at: later });
		assert.match(
			await (await alice.open(page)).text(),
			/formaction="\?\/publish"[^>]* name="now"[^>]*>open it now/
		);
		await alice.submit(`${page}?/save`, { release_at: '' });
		await alice.submit(`${page}?/publish`, { rights: 'on', release_at: later });
		assert.equal((await read(id)).release_at, `${later}:00.000Z`);
		await alice.submit(`${page}?/publish`, { rights: 'on', release_at: later, now: 'yes' });
		assert.equal((await read(id)).release_at, null);
		await until(id, 'completed');
	});

	it('takes what a file says for nothing its artist has said, when the form sends it back', async () => {
		const id = await begin();
		await tus(alice, { release_id: id, filename: '03 - tide.mp3' }, await song());
		const { tracks } = await until(id, 'waiting');
		const [track] = tracks;
		const name = track?.upload.upload_id ?? '';
		const suggested = track?.suggested.title ?? '';
		await alice.submit(`/upload/${id}?/save`, {
			[`title:${name}`]: suggested,
			[`tags:${name}`]: ''
		});
		const [saved] = (await read(id)).tracks;
		assert.deepEqual([saved?.fields.title, saved?.fields.tags], [null, null]);
	});

	it('discards a draft from its page', async () => {
		const id = await begin();
		await tus(alice, { release_id: id, filename: '1.mp3' }, await song());
		const [upload_id = ''] = (await read(id)).tracks.map(({ upload }) => upload.upload_id);
		const typed = { album_title: 'Half Typed', [`title:${upload_id}`]: 'wait' };
		const asked = await (await alice.submit(`/upload/${id}?/discard`, typed)).text();
		assert.match(asked, /discard this draft, with all of its files\?/);
		assert.match(asked, /value="Half Typed"[^]*value="wait"/, 'whoever keeps it has lost nothing');
		assert.match(asked, /formaction="\?\/discard"[^>]* name="sure"/);
		const sure = await alice.submit(`/upload/${id}?/discard`, { ...typed, sure: 'yes' });
		assert.equal(locationOf(sure), '/upload');
		assert.equal((await alice.open(`/upload/${id}`)).status, 404);
	});

	describe('on its page without scripts', () => {
		/** Sends a part of a file; the rest comes when `goOn` is called with it, or never. */
		function sendPart(id: string, bytes: Uint8Array, from = 0) {
			const { port } = new URL(site.url);
			const cookie = [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
			const request = http.request({
				port,
				path: `/api/uploads/tus/${id}`,
				method: 'PATCH',
				headers: {
					cookie,
					origin: site.url,
					'tus-resumable': '1.0.0',
					'upload-offset': String(from),
					'content-type': 'application/offset+octet-stream'
				}
			});
			request.on('error', () => undefined);
			request.write(bytes);
			return request;
		}

		type Files = Record<string, Uint8Array>;

		/** Begins a release with files of which none has arrived, and publishes it. */
		const publishUnsent = (files: Files, albumTitle = '') => publish(files, albumTitle, false);
		const publishSent = (files: Files, albumTitle = '') => publish(files, albumTitle, true);

		async function publish(files: Files, albumTitle: string, isSent: boolean) {
			const id = await begin();
			const uploads: string[] = [];
			for (const [filename, bytes] of Object.entries(files)) {
				const sent = await tus(alice, { release_id: id, filename }, bytes, isSent);
				if (sent.id) uploads.push(sent.id);
			}
			await api(alice, 'PATCH', `/api/releases/${id}`, {
				rights_confirmed: true,
				fields: { album_title: albumTitle }
			});
			assert.equal((await api(alice, 'POST', `/api/releases/${id}/publish`)).status, 200);
			return { id, uploads };
		}

		/** What is read there: what its styles hide without scripts is left out. */
		async function words(id: string): Promise<string> {
			const html = await (await alice.open(`/upload/${id}`)).text();
			const main = /<main[^>]*>([^]*)<\/main>/.exec(html)?.[1] ?? assert.fail(html);
			return main
				.replace(/<details[^]*?<\/details>/g, '')
				.replace(/<(p|span|button)[^>]* class="scripted[^"]*"[^]*?<\/\1>/g, '')
				.replace(/<div class="zone [^]*?webkitdirectory[^]*?<\/div>/g, '')
				.replace(/<!--[^]*?-->|<\/?span[^>]*>/g, '')
				.replace(/\s+/g, ' ')
				.replace(/(?: *<[^>]*> *)+/g, '\n')
				.trim();
		}

		const isOver = ({ upload }: ReleaseState['tracks'][number]) =>
			upload.status === 'completed' || upload.status === 'failed';

		async function waitFor(isThere: () => Promise<boolean>): Promise<void> {
			for (let i = 0; i < 300; i++) {
				if (await isThere()) return;
				await sleep(100);
			}
			assert.fail('it did not come to that');
		}

		/** Lets the time go by in which somebody may still be sending. */
		async function breakOff(id: string): Promise<void> {
			const database = await openProductDatabase(site);
			await database`
				update uploads set last_byte_at = now() - interval '2 minutes' where release_id = ${id}
			`;
			await database.end();
		}

		it('says that its files are being sent, and how to see how far they are', async () => {
			const bytes = await makeSample('wav', { seconds: 2, hertz: anyPitch() });
			const files = { 'one.wav': bytes, 'two.wav': bytes };
			const { id, uploads } = await publishUnsent(files, 'Slow');
			const request = sendPart(uploads[0] ?? '', bytes.subarray(0, 100_000));
			await waitFor(async () => (await read(id)).tracks[0]?.upload.received_bytes === 100_000);
			const page = await words(id);
			assert.match(page, /^Slow is being published\n0 of 2 tracks published\n/);
			assert.match(page, /2 files are not all here\nthey are being sent: refresh this page/);
			assert.match(page, /\nrefresh\n/);
			assert.match(page, /100 kB of the 353 kB of one\.wav are here\ndiscard/);
			assert.doesNotMatch(page, /broke|choose|cannot|nobody/);
			request.destroy();
		});

		it('says that nobody sends them any more, and what can be done without scripts', async () => {
			const one = await publishUnsent({ 'one.mp3': await song() });
			await breakOff(one.id);
			const single = await words(one.id);
			assert.match(single, /^one is being published\n/);
			assert.match(
				single,
				/one file is not all here\nnobody sends it any more, and without scripts it cannot go on\. open this page in a browser that runs scripts and choose it again, or discard it here and upload it by itself\./
			);
			const two = await publishUnsent({ 'one.mp3': await song(), 'two.mp3': await song() });
			await breakOff(two.id);
			const several = await words(two.id);
			assert.match(several, /choose them again, or discard them here and upload each by itself\./);
			for (const page of [single, several]) {
				assert.match(page, /the rest follows when its files are here/);
				assert.match(page, /0 bytes of the \d+\.\d kB of one\.mp3 are here\ndiscard/);
				assert.doesNotMatch(page, /being sent|choose the same file/);
			}
		});

		it('says of what has arrived that it waits for the others, and publishes it without them', async () => {
			const { id } = await publishUnsent({ 'late.mp3': await song() });
			await tus(alice, { release_id: id, filename: 'early.mp3' }, await song());
			const codes = async () => (await read(id)).tracks.map(({ upload }) => upload.error_code);
			await waitFor(async () => (await codes()).includes('unsettled'));
			const waiting = await words(id);
			assert.match(waiting, /0 of 2 tracks published/);
			assert.match(waiting, /early\nready\nready: goes on by itself when the other files/);
			await breakOff(id);
			await waitFor(async () => (await read(id)).tracks.some(({ upload }) => upload.track_id));
			const settled = await words(id);
			assert.match(settled, /are being published\n1 of 2 tracks published/);
			assert.match(settled, /one file is not all here\nnobody sends it any more/);
			assert.match(settled, /early\npublished\nopen the track/);
		});

		it('leads to a single once', async () => {
			const { id } = await publishSent({ 'single.mp3': await song() });
			await until(id, 'completed');
			const page = await words(id);
			assert.match(page, /^single is published\n/);
			assert.equal(page.match(/open the track/g)?.length, 1, page);
			assert.doesNotMatch(page, /refresh|not all here/);
		});

		it('shows an album with what was refused of it, and says when it was deleted', async () => {
			const { id, uploads } = await publishSent(
				{
					'one.mp3': await song(),
					'two.mp3': await song(),
					'words.mp3': Buffer.from('only words. '.repeat(2_000))
				},
				'Gone'
			);
			await waitFor(async () => (await read(id)).tracks.every(isOver));
			const whole = await words(id);
			assert.match(whole, /^Gone is published\nopen the album\n/);
			assert.match(whole, /\nnot published\nwords\nnot published\nthis is text, not audio/);

			const album = (await read(id)).album?.id ?? assert.fail();
			const deleted = await api(alice, 'DELETE', `/api/albums/${album}?tracks=delete`);
			assert.equal(deleted.status, 200);
			const state = await read(id);
			assert.deepEqual([state.album, state.album_deletion], [null, 'with_tracks']);
			assert.ok(new Date(state.takes_files_until ?? NaN) <= new Date());
			const gone = await words(id);
			assert.match(
				gone,
				/^Gone is deleted\nyou deleted this album with its tracks, and nothing more of it will be published\. to publish its files after all, upload them once more\./
			);
			assert.doesNotMatch(gone, /open the|\bis published|being published/);
			const page = await (await alice.open(`/upload/${id}`)).text();
			assert.doesNotMatch(page, /is a file missing\?|choose files/);

			const late = await tus(alice, { release_id: id, filename: 'late.mp3' }, await song());
			assert.equal(late.status, 409);
			assert.match(
				late.text,
				/"the album of this release was deleted with its tracks\. begin a new release"/
			);
			const changed = await api(alice, 'PATCH', `/api/releases/${id}`, { fields: {} });
			assert.deepEqual([changed.status, changed.body['code']], [409, 'album_deleted']);
			const again = await api(alice, 'DELETE', `/api/releases/${id}`);
			assert.deepEqual([again.status, again.body['code']], [409, 'album_deleted']);
			assert.equal(uploads.length, 2, 'the broken one was refused at once');
		});

		it('says that only the album was deleted, and of a track that it was', async () => {
			const { id } = await publishSent({ 'a.mp3': await song(), 'b.mp3': await song() }, 'Open');
			const { album, tracks } = await until(id, 'completed');
			await api(alice, 'DELETE', `/api/albums/${album?.id}`);
			assert.match(
				await words(id),
				/^Open is published\nyou deleted its album\. its tracks stay, each by itself\./
			);
			await api(alice, 'DELETE', `/api/tracks/${tracks[0]?.upload.track_id}`);
			await waitFor(async () => (await read(id)).tracks[0]?.upload.track_id === null);
			assert.match(await words(id), /a\ndeleted\nb\npublished\nopen the track/);
		});
	});

	it('does not take what another site sends', async () => {
		const id = await begin();
		const answer = await alice.open(`/upload/${id}?/discard`, {
			method: 'POST',
			headers: { origin: 'https://elsewhere.example' },
			body: new URLSearchParams({})
		});
		assert.equal(answer.status, 403);
	});
});
