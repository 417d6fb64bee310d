import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import type { AlbumMetadata, AlbumResponse } from '#lib/server/albums/albums-api.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import { openProductDatabase } from '../e2e/product-database.ts';
import { formIn } from './form-in.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { OtherProgram } from './other-program.ts';
import { anyPitch } from './publishing-site.ts';
import { locationOf, Visitor } from './visitor.ts';

describe('an album on its pages, without a script', { timeout: 180_000 }, () => {
	let site: LocalSite;
	let alice: Visitor;
	let nobody: Visitor;
	const trackIds: number[] = [];
	let album: AlbumMetadata;

	const api = (who: Visitor, path: string, method = 'GET', body?: unknown) =>
		who.open(path, {
			method,
			headers: { origin: site.url, 'content-type': 'application/json', accept: '*/*' },
			...(body === undefined ? {} : { body: JSON.stringify(body) })
		});

	before(async () => {
		site = await startLocalSite();
		alice = new Visitor(site.url);
		nobody = new Visitor(site.url);
		await alice.signIn('alice');
		await api(alice, '/api/artists/', 'POST', { display_name: 'Alice' });
		for (const title of ['red song', 'blue song']) trackIds.push(await publish(title));
	});
	after(() => site.close());

	async function publish(title: string, who = alice): Promise<number> {
		const form = new FormData();
		form.set('title', title);
		const bytes = await makeSample('mp3', { seconds: 1, hertz: anyPitch() });
		form.set('file', new Blob([Uint8Array.from(bytes)]), 'a.mp3');
		const headers = { origin: site.url };
		const sent = await who.open('/api/tracks/', { method: 'POST', headers, body: form });
		const { upload_id: id } = (await sent.json()) as { upload_id: string };
		for (let i = 0; i < 300; i++) {
			const answer = await who.open(`/api/tracks/uploads/${id}`);
			const state = (await answer.json()) as UploadState;
			assert.notEqual(state.status, 'failed', state.error ?? '');
			if (state.track_id !== null) return state.track_id;
			await sleep(100);
		}
		throw new Error('the upload is not finished');
	}

	const page = async (who: Visitor, path: string, status = 200) => {
		const answer = await who.open(path);
		assert.equal(answer.status, status, path);
		return await answer.text();
	};
	const tracksOf = async (path: string) => {
		const answer = (await (await api(nobody, path)).json()) as AlbumResponse;
		return answer.tracks.map(({ title }) => title);
	};

	it('is made by a form, which says what is wrong with it', async () => {
		const wrong = await alice.submit('/portal/albums/new', {
			title: '',
			year: '12',
			description: 'kept'
		});
		assert.equal(wrong.status, 422);
		const html = await wrong.text();
		assert.match(html, /an album needs a title/);
		assert.match(html, /kept<\/textarea>/);
		const made = await alice.submit('/portal/albums/new', {
			title: 'Çolours <b>',
			year: '1999',
			description: ''
		});
		assert.equal(made.status, 303);
		assert.equal(locationOf(made), '/u/alice.test/album/colours-b/edit');
		assert.match(
			await page(alice, '/portal'),
			/href="[./]*\/u\/alice\.test\/album\/colours-b\/edit"/
		);
		await page(nobody, '/u/alice.test/album/colours-b', 404);
	});

	it('gets its tracks, their order and its name by a form; the former address leads on', async () => {
		const edit = '/u/alice.test/album/colours-b/edit';
		const [red = 0, blue = 0] = trackIds;
		const form = new URLSearchParams({
			title: 'Colours',
			year: '',
			description: 'line one\nline two'
		});
		for (const id of trackIds) form.append('add', String(id));
		const headers = { origin: site.url };
		const added = await alice.open(`${edit}?/save`, { method: 'POST', headers, body: form });
		assert.equal(locationOf(added), '/u/alice.test/album/colours/edit?saved');
		assert.deepEqual(await tracksOf('/api/albums/alice.test/colours'), ['red song', 'blue song']);

		const moved = await nobody.open('/u/alice.test/album/colours-b');
		assert.equal(moved.status, 308);
		assert.equal(locationOf(moved), '/u/alice.test/album/colours');
		const movedJson = await nobody.open('/api/albums/alice.test/colours-b');
		assert.equal(movedJson.status, 308);
		assert.equal(locationOf(movedJson), '/api/albums/alice.test/colours');
		assert.equal(locationOf(await alice.open(edit)), '/u/alice.test/album/colours/edit');

		const renumbered = await alice.submit('/u/alice.test/album/colours/edit?/save', {
			title: 'Colours',
			year: '2001',
			description: 'line one\nline two',
			[`position_${red}`]: '2',
			[`position_${blue}`]: '1'
		});
		assert.equal(renumbered.status, 303);
		assert.deepEqual(await tracksOf('/api/albums/alice.test/colours'), ['blue song', 'red song']);
	});

	const edit = '/u/alice.test/album/colours/edit';
	const openedForm = async (path = edit) => formIn(await page(alice, path), 'base');
	const save = (form: FormData) => {
		const body = new URLSearchParams();
		for (const [name, value] of form) if (typeof value === 'string') body.append(name, value);
		return alice.open(`${edit}?/save`, { method: 'POST', headers: { origin: site.url }, body });
	};

	it('has its form come back as it was sent when it is refused', async () => {
		const [red = 0, blue = 0] = trackIds;
		const green = await publish('green song');
		const form = await openedForm();
		form.set('title', ' ');
		form.set('year', '0001');
		form.set('description', 'typed <with> care');
		// as it was put in order: the rows may stand otherwise than they were given
		for (const id of [red, blue]) form.delete(`position_${id}`);
		form.set(`position_${red}`, '1');
		form.set(`position_${blue}`, '2.5');
		form.set('remove', String(blue));
		form.set('add', String(green));
		const refused = await save(form);
		assert.equal(refused.status, 422);
		const html = await refused.text();
		assert.match(html, /an album needs a title/);
		const again = formIn(html, 'base');
		const byName = (one: FormData) => [...one].sort(([a], [b]) => a.localeCompare(b));
		assert.deepEqual(byName(again), byName(form));
		assert.match(html, /position of red song[\s\S]*position of blue song/);
		again.set('title', 'Colours');
		again.set('year', '2001');
		assert.equal((await save(again)).status, 303);
		assert.deepEqual(await tracksOf('/api/albums/alice.test/colours'), ['red song', 'green song']);

		const back = await openedForm();
		back.set('remove', String(green));
		back.set('add', String(blue));
		back.set(`position_${red}`, '');
		back.set('description', 'line one\nline two');
		assert.equal((await save(back)).status, 303);
		const other = await openedForm();
		other.set(`position_${red}`, '2');
		other.set(`position_${blue}`, '1');
		assert.equal((await save(other)).status, 303);
		assert.deepEqual(await tracksOf('/api/albums/alice.test/colours'), ['blue song', 'red song']);
		await alice.submit(`/track/${green}/delete`, {});
	});

	it('keeps what nobody touched in its form, however another program wrote it since', async () => {
		const stale = await openedForm();
		const { metadata } = (await (
			await api(nobody, '/api/albums/alice.test/colours')
		).json()) as AlbumResponse;
		const record = { atproto_record_uri: metadata.atproto_record_uri ?? '' };
		const elsewhere = await OtherProgram.of('alice', site.network.pdsUrl);
		const items = [...((await elsewhere.read(record))['items'] as unknown[])].reverse();
		const odd = { description: ' \r\n of\r\nmany  \n', year: 1977, items, mood: 'blue' };
		await elsewhere.edit(record, odd);
		const { updatedAt: _before, ...written } = await elsewhere.read(record);
		for (const title of ['Colours II', 'Colours']) {
			const renamed = '/u/alice.test/album/colours-ii/edit';
			const form = title === 'Colours' ? await openedForm(renamed) : stale;
			form.set('title', title);
			const saved = await alice.open(`${edit}?/save`, {
				method: 'POST',
				headers: { origin: site.url },
				body: form
			});
			assert.equal(saved.status, 303);
			const { updatedAt: _now, ...now } = await elsewhere.read(record);
			assert.deepEqual(now, { ...written, name: title });
		}
		assert.deepEqual(await tracksOf('/api/albums/alice.test/colours'), ['red song', 'blue song']);
		const form = await openedForm();
		form.set('year', '2001');
		form.set('description', 'line one\r\nline two');
		assert.equal((await save(form)).status, 303);
		assert.partialDeepStrictEqual(await elsewhere.read(record), {
			...written,
			year: 2001,
			description: 'line one\nline two'
		});
	});

	it('is shown to everybody, and to be edited by its artist only', async () => {
		const html = await page(nobody, '/u/alice.test/album/colours');
		for (const part of [
			/<h1[^>]*>Colours<\/h1>/,
			/Alice/,
			/2001/,
			/2 tracks/,
			/line one\nline two/,
			/<meta property="og:type" content="music\.album"/,
			/red song[\s\S]*blue song/
		]) {
			assert.match(html, part);
		}
		assert.doesNotMatch(html, /\/edit"/);
		assert.match(await page(alice, '/u/alice.test/album/colours'), /album\/colours\/edit"/);
		const track = await page(nobody, `/track/${trackIds[0]}`);
		assert.match(track, /href="[./]*\/u\/alice\.test\/album\/colours"/);
		const asked = await nobody.open('/u/alice.test/album/colours/edit');
		assert.match(locationOf(asked), /^\/login\?return_to=/);
		await page(nobody, '/u/alice.test/album/nothing', 404);
		await page(nobody, '/u/alice.test/album/%00', 404);
		await page(nobody, '/u/nobody.test/album/colours', 404);
	});

	it('gets a cover, by the form and by the api', async () => {
		const picture = async (colour: string) =>
			new Blob([
				Uint8Array.from(
					await sharp({ create: { width: 640, height: 640, channels: 3, background: colour } })
						.png()
						.toBuffer()
				)
			]);
		const send = async (path: string, image?: Blob) => {
			const body = new FormData();
			if (image) body.set('image', image, 'cover.png');
			return await alice.open(path, { method: 'POST', headers: { origin: site.url }, body });
		};
		assert.equal(locationOf(await send(`${edit}/cover`, await picture('red'))), `${edit}?saved`);
		assert.match(await page(nobody, '/u/alice.test/album/colours'), /\/images\/[0-9a-f]{16}/);
		const none = await send(`${edit}/cover`);
		assert.equal(locationOf(none), `${edit}?cover_error=missing_file`);
		assert.match(await page(alice, `${edit}?cover_error=missing_file`), /choose a picture first/);
		const text = new Blob(['no picture']);
		assert.match(locationOf(await send(`${edit}/cover`, text)), /cover_error=unsupported_image/);

		const { metadata } = (await (
			await api(nobody, '/api/albums/alice.test/colours')
		).json()) as AlbumResponse;
		album = metadata;
		const changed = await send(`/api/albums/${album.id}/cover`, await picture('blue'));
		assert.equal(changed.status, 200);
		const { image_url, image_id } = (await changed.json()) as Record<string, string>;
		assert.equal(image_url, `${site.url}/images/${image_id}`);
		assert.notEqual(album.image_url, `${image_url}?size=1200`);
		const refused = await send(`/api/albums/${album.id}/cover`, text);
		assert.equal(refused.status, 400);
		await assert.rejects(
			async () => {
				const answer = await api(nobody, `/api/albums/${album.id}/cover`, 'POST', {});
				throw new Error(String(answer.status));
			},
			{ message: '401' }
		);
	});

	it('has its cover taken away by the form; the record keeps everything else', async () => {
		const elsewhere = await OtherProgram.of('alice', site.network.pdsUrl);
		const record = { atproto_record_uri: album.atproto_record_uri ?? '' };
		const { imageUrl, updatedAt: _then, ...rest } = await elsewhere.read(record);
		assert.ok(imageUrl);
		const html = await page(alice, edit);
		assert.match(html, /type="file" name="image" accept="\.jpg,[^"]*\.avif,[^"]*image\/avif"/);
		const form = formIn(html, 'remove_image');
		assert.equal(form.has('remove_image'), false);
		form.set('remove_image', 'true');
		form.set('image', new Blob([]), '');
		const headers = { origin: site.url };
		const removed = await alice.open(`${edit}/cover`, { method: 'POST', headers, body: form });
		assert.equal(locationOf(removed), `${edit}?saved`);
		const { updatedAt: _now, ...now } = await elsewhere.read(record);
		assert.deepEqual(now, rest);
		assert.doesNotMatch(await page(nobody, '/u/alice.test/album/colours'), /\/images\//);
		const without = await page(alice, edit);
		assert.doesNotMatch(without, /remove_image/);
	});

	it('is made, changed and deleted by the api', async () => {
		const [red = 0, blue = 0] = trackIds;
		const taken = await api(alice, '/api/albums', 'POST', { title: 'Cover', track_ids: [red] });
		assert.equal(taken.status, 409, 'a track is in one album');
		const patched = await api(alice, `/api/albums/${album.id}`, 'PATCH', {
			title: 'Only red',
			track_ids: [red]
		});
		assert.equal(patched.status, 200);
		assert.partialDeepStrictEqual(await patched.json(), {
			title: 'Only red',
			slug: 'only-red',
			track_count: 1,
			year: 2001
		});
		const patch = { title: 'Cover', track_ids: [blue] };
		const made = await api(alice, '/api/albums/', 'POST', patch);
		assert.equal(made.status, 201);
		const second = (await made.json()) as AlbumMetadata;
		assert.equal(second.slug, 'cover', 'nothing was left of the refused one');
		assert.equal(second.track_count, 1);
		const { albums } = (await (await api(nobody, '/api/albums/alice.test')).json()) as {
			albums: AlbumMetadata[];
		};
		assert.deepEqual(
			albums.map(({ slug }) => slug),
			['cover', 'only-red']
		);
		for (const [who, status] of [
			[nobody, 401],
			[alice, 200]
		] as const) {
			const answer = await api(who, `/api/albums/${second.id}`, 'DELETE');
			assert.equal(answer.status, status);
		}
		const refused = async (id: string) => {
			const answer = await api(alice, `/api/albums/${id}`, 'DELETE');
			const { detail, code } = (await answer.json()) as { detail: string; code: string };
			assert.deepEqual([answer.status, code], [404, 'album_not_found']);
			return detail;
		};
		assert.match(await refused(second.id), /it was deleted already/);
		const never = 'there is no album with this id: there never was one, or it was deleted already';
		for (const id of ['nope', randomUUID()]) assert.equal(await refused(id), never);
		assert.equal((await api(alice, '/api/albums/x', 'PATCH', {})).status, 404);
		assert.equal((await api(alice, '/api/albums', 'POST', { title: 3 })).status, 422);
	});

	it('is not made of tracks that cannot be in it: nothing is left of it', async () => {
		const [red = 0] = trackIds;
		const free = await publish('free song');
		const bob = new Visitor(site.url);
		await bob.signIn('bob');
		await api(bob, '/api/artists/', 'POST', { display_name: 'Bob' });
		const foreign = await publish('song of bob', bob);
		const none = /is none of yours. an album consists of tracks of your own/;
		const refused: [unknown, number, RegExp][] = [
			[[free, 987_654], 422, new RegExp(`track 987654 ${none.source}`)],
			[[free, foreign], 422, new RegExp(`track ${foreign} ${none.source}`)],
			[[free, red], 409, new RegExp(`track ${red} \\("red song"\\) is in another album`)],
			[[free, free], 422, new RegExp(`track ${free} is named twice`)],
			[[free, 'seven'], 422, /"seven" is not the id of a track/],
			[[free, -1], 422, /-1 is not the id of a track/],
			[[free, 1.5], 422, /1.5 is not the id of a track/],
			[[free, 1e300], 422, /1e\+300 is not the id of a track/],
			[[free, null], 422, /null is not the id of a track/],
			['all', 422, /tracks are named by a list of their ids/],
			[Array.from({ length: 501 }, (_, n) => n + 1), 422, /at most 500 tracks/]
		];
		for (const [ids, status, sentence] of refused) {
			const body = { title: 'Half an album', track_ids: ids };
			const answer = await api(alice, '/api/albums', 'POST', body);
			const { detail } = (await answer.json()) as { detail: string | { message: string } };
			const said = typeof detail === 'string' ? detail : detail.message;
			assert.equal(answer.status, status, said);
			assert.match(said, sentence);
		}
		assert.doesNotMatch(await page(alice, '/portal'), /Half an album/);
		const body = { title: 'Half an album', track_ids: [free] };
		const made = (await (await api(alice, '/api/albums', 'POST', body)).json()) as AlbumMetadata;
		assert.deepEqual([made.slug, made.track_count], ['half-an-album', 1]);
	});

	it('says before it is deleted that files still on their way go with its tracks', async () => {
		const edit = '/u/alice.test/album/only-red/edit';
		const onTheirWay = /on (its|their) way/;
		assert.doesNotMatch(await page(alice, edit), onTheirWay);
		const sql = await openProductDatabase(site);
		const [release] = await sql<{ id: string; artist_did: string }[]>`
			insert into releases (id, artist_did, status, fields, album_id, published_at)
			select gen_random_uuid(), artist_did, 'published', '{}', id, now() from albums
			where slug = 'only-red' returning id, artist_did`;
		const add = (status: string, code: string | null = null) => sql`
			insert into uploads (id, artist_did, rkey, status, stage, message, error_code, file_name,
				fields, findings, size_bytes, release_id, expires_at)
			values (gen_random_uuid(), ${release?.artist_did ?? ''}, left(gen_random_uuid()::text, 13),
				${status}, 'receiving', '', ${code}, 'a.wav', '{}', '{}', 1000, ${release?.id ?? ''},
				now() + interval '1 day')`;
		await add('receiving');
		assert.match(await page(alice, edit), /1 file of it is still on its way/);
		await add('failed', 'no_profile');
		// nothing becomes of these
		await add('failed', 'duplicate_upload');
		await add('completed');
		const html = await page(alice, edit);
		assert.match(
			html,
			/2 files of it are still on their way: deleted with its tracks, they go too/
		);
		assert.match(html, /delete the album, its track and 2 files on their way/);
		await sql`delete from uploads where release_id = ${release?.id ?? ''}`;
		await sql.end();
	});

	it('is deleted by a form that asks about its tracks', async () => {
		const edit = '/u/alice.test/album/only-red/edit';
		const html = await page(alice, edit);
		assert.match(html, /delete the album, keep its tracks/);
		assert.match(html, /delete the album and its track/);
		const gone = await alice.submit(`${edit}?/delete`, { tracks: 'keep' });
		assert.equal(locationOf(gone), '/portal#albums-heading');
		// the same form in another tab
		const twice = await alice.submit(`${edit}?/delete`, { tracks: 'delete' });
		assert.equal(locationOf(twice), '/portal?album_gone#albums-heading');
		assert.match(await page(alice, '/portal?album_gone'), /this album was deleted already/);
		await page(nobody, '/u/alice.test/album/only-red', 404);
		await page(nobody, `/track/${trackIds[0]}`);
	});

	it('asks nobody for a permission who has given it', async () => {
		const asked = await alice.open('/auth/permission?return_to=/portal');
		assert.equal(locationOf(asked), '/portal');
		assert.match(locationOf(await nobody.open('/auth/permission')), /^\/login/);
	});
});
