import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import { formIn } from './form-in.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { OtherProgram } from './other-program.ts';
import { locationOf, Visitor } from './visitor.ts';

describe('a track’s pages, without scripts', () => {
	let site: LocalSite;
	let alice: Visitor;
	let bob: Visitor;
	let id: number;
	const origin = () => ({ origin: site.url });

	before(async () => {
		site = await startLocalSite();
		alice = await artist('alice');
		bob = await artist('bob');
		id = await publish();
	});
	after(() => site.close());

	async function artist(name: 'alice' | 'bob'): Promise<Visitor> {
		const visitor = new Visitor(site.url);
		await visitor.signIn(name);
		await visitor.open('/api/artists/', {
			method: 'POST',
			headers: { ...origin(), 'content-type': 'application/json' },
			body: JSON.stringify({ display_name: `The ${name}` })
		});
		return visitor;
	}

	async function publish(fields: Record<string, string> = {}): Promise<number> {
		const form = new FormData();
		form.set('title', 'a tone');
		for (const [name, value] of Object.entries(fields)) form.set(name, value);
		const bytes = await makeSample('mp3', { seconds: 1, hertz: 300 + Math.random() * 100 });
		form.set('file', new Blob([Uint8Array.from(bytes)]), 'tone.mp3');
		const sent = await alice.open('/api/tracks/', {
			method: 'POST',
			headers: origin(),
			body: form
		});
		const { upload_id: uploadId } = (await sent.json()) as { upload_id: string };
		return (await finished(uploadId)).track_id ?? 0;
	}

	async function finished(uploadId: string): Promise<UploadState> {
		for (let i = 0; i < 300; i++) {
			const answer = await alice.open(`/api/tracks/uploads/${uploadId}`);
			const state = (await answer.json()) as UploadState;
			assert.notEqual(state.status, 'failed', state.error ?? '');
			if (state.status === 'completed') return state;
			await sleep(100);
		}
		throw new Error('the upload is not finished');
	}

	async function track(): Promise<TrackResponse> {
		const answer = await fetch(new URL(`/api/tracks/${id}`, site.url));
		assert.equal(answer.status, 200);
		return (await answer.json()) as TrackResponse;
	}

	const change = (visitor: Visitor, body: Record<string, unknown>) =>
		visitor.open(`/api/tracks/${id}`, {
			method: 'PATCH',
			headers: { ...origin(), 'content-type': 'application/json', accept: 'application/json' },
			body: JSON.stringify(body)
		});

	/** The form as a browser would send it back. */
	async function openedForm(trackId = id): Promise<FormData> {
		const page = await (await alice.open(`/track/${trackId}/edit`)).text();
		assert.match(page, /type="file" name="image" accept="\.jpg,[^"]*\.avif,[^"]*image\/avif"/);
		return formIn(page, 'base');
	}

	const save = (form: FormData, trackId = id) =>
		alice.open(`/track/${trackId}/edit`, { method: 'POST', headers: origin(), body: form });

	it('let its artist edit it, and nobody else', async () => {
		const form = await openedForm();
		assert.equal(form.get('title'), 'a tone');
		form.set('title', 'another <tone>');
		form.set('tags', 'Ambient, #Field Recording');
		form.set('features', '@bob.test');
		form.append('is_explicit', 'true');
		const picture = await sharp({
			create: { width: 64, height: 64, channels: 3, background: '#a04060' }
		})
			.png()
			.toBuffer();
		form.set('image', new Blob([Uint8Array.from(picture)], { type: 'image/png' }), 'a.png');
		const saved = await save(form);
		assert.equal(saved.status, 303, await saved.clone().text());
		assert.equal(locationOf(saved), `/track/${id}`);
		const now = await track();
		assert.equal(now.title, 'another <tone>');
		assert.deepEqual(now.tags, ['ambient', 'field recording']);
		assert.equal(now.features[0]?.handle, 'bob.test');
		assert.equal(now.is_explicit, true);
		assert.ok(now.image_url);

		const page = await (await alice.open(`/track/${id}`)).text();
		assert.match(page, /explicit/);
		assert.match(page, /field recording/);
		assert.match(page, new RegExp(`href="[^"]*/track/${id}/edit"`));
		const others = await (await bob.open(`/track/${id}`)).text();
		assert.doesNotMatch(others, new RegExp(`/track/${id}/edit`));
		for (const path of ['edit', 'delete', 'replace']) {
			const refused = await bob.open(`/track/${id}/${path}`);
			assert.equal(refused.status, 403);
			assert.match(await refused.text(), /you can only (edit|delete) your own tracks/);
			const stranger = await new Visitor(site.url).open(`/track/${id}/${path}`);
			assert.equal(stranger.status, 303);
			assert.match(locationOf(stranger), /^\/login\?return_to=/);
		}
	});

	it('keep what was typed when it cannot be saved, and say why', async () => {
		const form = await openedForm();
		form.set('title', 'typed with care');
		form.set('features', 'bob.test, nobody.test');
		const refused = await save(form);
		assert.equal(refused.status, 422);
		const page = await refused.text();
		assert.match(page, /failed to resolve handle: @nobody\.test/);
		const again = formIn(page, 'base');
		assert.equal(again.get('title'), 'typed with care');
		assert.equal(again.get('features'), 'bob.test, nobody.test');
		again.set('features', 'bob.test');
		assert.equal((await save(again)).status, 303);
		assert.equal((await track()).title, 'typed with care');
	});

	it('leave every byte of a field nobody touched, however another program wrote it', async () => {
		const elsewhere = await OtherProgram.of('alice', site.network.pdsUrl);
		const odd = {
			description: '\r\n  two lines\r\nand a \u202e turn  \n\n',
			album: ' Odd \t  album\n of  tones ',
			tags: ['Loud', 'ÆTHER '],
			features: [{ did: 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa', handle: 'nobody.test' }]
		};
		const before = await track();
		await elsewhere.edit(before, odd);
		const written = await elsewhere.read(before);
		// nobody has told the index: the first save finds another version, the second the same one
		for (const title of ['only the title', 'the title again']) {
			const form = await openedForm();
			form.set('title', title);
			// as a browser sends the breaks of a text
			form.set('description', odd.description.trim());
			const saved = await save(form);
			assert.equal(saved.status, 303, await saved.clone().text());
			assert.deepEqual(await elsewhere.read(before), { ...written, title });
		}
		const form = await openedForm();
		form.set('album', 'Even');
		assert.equal((await save(form)).status, 303);
		assert.deepEqual(await elsewhere.read(before), {
			...written,
			title: 'the title again',
			album: 'Even'
		});
		assert.equal((await change(alice, { title: 'a', description: odd.description })).status, 200);
		assert.equal((await elsewhere.read(before))['description'], odd.description);
		await elsewhere.edit(before, { description: '', features: [], tags: [] });
		assert.equal((await change(alice, { title: 'typed with care' })).status, 200);
	});

	it('show both versions when somebody else changed the same, and take the one that is chosen', async () => {
		for (const [choice, expected] of [
			['mine', 'from the form, mine'],
			['theirs', 'from elsewhere']
		] as const) {
			const form = await openedForm();
			assert.equal((await change(alice, { title: 'from elsewhere', tags: [] })).status, 200);
			form.set('title', `from the form, ${choice}`);
			form.set('description', `chosen ${choice}`);
			const refused = await save(form);
			assert.equal(refused.status, 409);
			const page = await refused.text();
			assert.match(page, /changed somewhere else/);
			assert.match(page, /<q[^>]*>from elsewhere<\/q>/);
			assert.match(page, /<q[^>]*>from the form, (mine|theirs)<\/q>/);
			const again = formIn(page, 'base');
			assert.equal(again.get('tags'), '', 'what only they changed is taken over');
			again.set('choose_title', choice);
			assert.equal((await save(again)).status, 303);
			const now = await track();
			assert.equal(now.title, expected);
			assert.equal(now.description, `chosen ${choice}`);
			assert.deepEqual(now.tags, []);
		}
	});

	it('keep the version that was chosen when they are refused for something else', async () => {
		const before = await openedForm();
		const elsewhere = { title: 'from elsewhere again', description: 'from elsewhere' };
		assert.equal((await change(alice, elsewhere)).status, 200);
		before.set('title', 'mine, from before');
		before.set('description', 'mine');
		const again = formIn(await (await save(before)).text(), 'base');
		again.set('choose_title', 'theirs');
		again.set('tags', 'x'.repeat(33));
		const refused = await save(again);
		assert.equal(refused.status, 422);
		const page = await refused.text();
		assert.match(page, /a tag has 1 to 32 characters/);
		const mended = formIn(page, 'base');
		assert.equal(mended.get('title'), 'from elsewhere again');
		assert.equal(mended.get('description'), 'mine', 'of what was not chosen, what was typed');
		mended.set('tags', 'fine');
		assert.equal((await save(mended)).status, 303);
		const { title, description, tags } = await track();
		assert.deepEqual(
			{ title, description, tags },
			{ title: 'from elsewhere again', description: 'mine', tags: ['fine'] }
		);
	});

	it('show the album a list has the track in, keep it, and take the track out of it', async () => {
		const song = await publish({ title: 'listed' });
		const headers = { ...origin(), 'content-type': 'application/json', accept: '*/*' };
		const made = await alice.open('/api/albums', {
			method: 'POST',
			headers,
			body: JSON.stringify({ title: 'Listing', track_ids: [song] })
		});
		assert.equal(made.status, 201);
		const isInAlbum = async () => {
			const answer = await fetch(new URL('/api/albums/alice.test/listing', site.url));
			return answer.status === 200;
		};
		const first = await openedForm(song);
		assert.equal(first.get('album'), 'Listing');
		await alice.open(`/api/tracks/${song}`, {
			method: 'PATCH',
			headers,
			body: JSON.stringify({ title: 'theirs' })
		});
		first.set('title', 'mine');
		const refused = await save(first, song);
		assert.equal(refused.status, 409);
		const again = formIn(await refused.text(), 'base');
		assert.equal(again.get('album'), 'Listing');
		again.set('album', '');
		const saved = await save(again, song);
		assert.equal(saved.status, 303, await saved.clone().text());
		for (let i = 0; i < 100 && (await isInAlbum()); i++) await sleep(100);
		assert.equal(await isInAlbum(), false);
		assert.equal((await openedForm(song)).get('album'), '');
		await alice.submit(`/track/${song}/delete`, {});
	});

	it('are where people are added whom nobody was found under when it was published', async () => {
		const features = '["bob.test", "nobody.test", "no-one.test"]';
		const other = await publish({ title: 'together', features });
		const portal = async () => (await alice.open('/portal')).text();
		const told = await portal();
		assert.match(
			told,
			/it is published without naming @nobody\.test and @no-one\.test, who could not be found\. edit the track to add them\./
		);
		assert.match(told, new RegExp(`href="[^"]*/track/${other}/edit"[^>]*>edit the track<`));
		const form = await openedForm(other);
		assert.equal(form.get('features'), 'bob.test');
		form.set('title', 'still together');
		assert.equal((await save(form, other)).status, 303);
		assert.match(await portal(), /without naming/);
		const again = await openedForm(other);
		again.set('features', 'bob.test, carol.test');
		assert.equal((await save(again, other)).status, 303);
		assert.doesNotMatch(await portal(), /without naming/);
		await alice.submit(`/track/${other}/delete`, {});
	});

	it('name people in the order they are given, and nobody whom only the form knows', async () => {
		const named = async () => (await track()).features.map(({ handle }) => handle);
		for (const order of [
			['bob.test', 'carol.test'],
			['carol.test', 'bob.test']
		]) {
			const form = await openedForm();
			form.set('features', order.join(', '));
			assert.equal((await save(form)).status, 303);
			assert.deepEqual(await named(), order);
		}
		const invented = { did: 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa', handle: 'nobody.test' };
		const forged = await openedForm();
		const given = forged.get('base');
		assert.ok(typeof given === 'string');
		const base = JSON.parse(given) as { values: Record<string, unknown> };
		base.values['features'] = [invented];
		forged.set('base', JSON.stringify(base));
		forged.set('features', 'nobody.test, bob.test');
		const refused = await save(forged);
		assert.equal(refused.status, 422);
		assert.match(await refused.text(), /failed to resolve handle: @nobody\.test/);
		forged.set('base', '{"cid":"x"}');
		const broken = await save(forged);
		assert.equal(broken.status, 400);
		assert.match(
			await broken.text(),
			/this form is not complete\. open it again and send it whole/
		);

		// a record may name whom nobody finds: then it is no invention of the form
		const form = await openedForm();
		const elsewhere = await OtherProgram.of('alice', site.network.pdsUrl);
		await elsewhere.edit(await track(), { features: [invented], title: 'theirs' });
		form.set('title', 'mine');
		const again = formIn(await (await save(form)).text(), 'base');
		assert.equal(again.get('features'), 'nobody.test');
		again.set('features', 'bob.test, nobody.test');
		const saved = await save(again);
		assert.equal(saved.status, 303, await saved.clone().text());
		assert.deepEqual(await named(), ['bob.test', 'nobody.test']);
		assert.equal((await change(alice, { features: [] })).status, 200);
	});

	it('answer programs with the fields they did not send untouched', async () => {
		const before = await track();
		const answer = await change(alice, { title: 'by a program', is_unlisted: true });
		assert.equal(answer.status, 200);
		const now = (await answer.json()) as TrackResponse;
		assert.equal(now.title, 'by a program');
		assert.equal(now.is_unlisted, true);
		assert.equal(now.description, before.description);
		const list = (await (await fetch(new URL('/api/tracks/', site.url))).json()) as {
			tracks: TrackResponse[];
		};
		assert.equal(list.tracks.length, 0, 'what is unlisted is in no list');
		const own = (await (await alice.open('/api/tracks/me')).json()) as { tracks: unknown[] };
		assert.equal(own.tracks.length, 1);
		assert.match(await (await alice.open('/portal')).text(), /unlisted/);

		const refusals: [Visitor, Record<string, unknown>, number, RegExp][] = [
			[bob, { title: 'stolen' }, 403, /you can only edit your own tracks/],
			[alice, { title: '' }, 422, /a track needs a title/],
			[alice, { features: ['nobody.test'] }, 422, /failed to resolve handle/],
			[alice, { title: 'x', record_cid: before.atproto_record_cid }, 409, /changed somewhere else/]
		];
		for (const [visitor, body, status, sentence] of refusals) {
			const refused = await change(visitor, body);
			assert.equal(refused.status, status, JSON.stringify(body));
			assert.match(await refused.text(), sentence);
		}
		await change(alice, { is_unlisted: false });
	});

	it('replace the audio and restore it', async () => {
		const before = await track();
		const form = new FormData();
		const bytes = await makeSample('mp3', { seconds: 2, hertz: 500 + Math.random() * 100 });
		form.set('file', new Blob([Uint8Array.from(bytes)]), 'new.mp3');
		const send = () =>
			alice.open(`/track/${id}/replace`, { method: 'POST', headers: origin(), body: form });
		const unticked = await send();
		assert.equal(unticked.status, 422);
		assert.match(await unticked.text(), /tick the box that says you may publish this music/);
		form.set('rights', 'yes');
		const sent = await send();
		assert.equal(sent.status, 303, await sent.clone().text());
		const uploadId = new URL(locationOf(sent), site.url).searchParams.get('upload') ?? '';
		assert.equal((await finished(uploadId)).track_id, id);
		const now = await track();
		assert.notEqual(now.file_id, before.file_id);
		const page = await (await alice.open(`/track/${id}/replace`)).text();
		const action = /action="([^"]*\/restore\/\d+)"/.exec(page)?.[1] ?? assert.fail('no button');
		// a program sent it, and said nothing about rights
		assert.match(page, /<form[^>]*restore[^>]*>(?:(?!<\/form>)[^])*name="rights"/);
		const unstated = await alice.submit(action, {});
		assert.equal(locationOf(unstated), `/track/${id}/replace?problem=rights_not_confirmed`);
		const restored = await alice.submit(action, { rights: 'yes' });
		assert.equal(locationOf(restored), `/track/${id}`);
		assert.equal((await track()).file_id, before.file_id);
		const again = await alice.submit(action, {});
		assert.equal(locationOf(again), `/track/${id}/replace?problem=revision_not_found`);
		assert.match(await (await alice.open(locationOf(again))).text(), /no such earlier version/);
	});

	it('find people by what is typed', async () => {
		const search = async (query: string) =>
			fetch(new URL(`/api/search/handles?${query}`, site.url));
		const found = (await (await search('q=%40bo')).json()) as { results: { handle: string }[] };
		assert.deepEqual(
			found.results.map(({ handle }) => handle),
			['bob.test']
		);
		const byName = (await (await search('q=the%20al')).json()) as { results: { handle: string }[] };
		assert.equal(byName.results[0]?.handle, 'alice.test');
		assert.deepEqual(await (await search('q=%25%25')).json(), { results: [] });
		assert.equal((await search('q=b')).status, 422);
		assert.equal((await search('q=bob&limit=26')).status, 422);
	});

	it('ask before deleting, and then say that it was removed', async () => {
		const refused = await bob.open(`/api/tracks/${id}`, { method: 'DELETE', headers: origin() });
		assert.equal(refused.status, 403);
		assert.match(await refused.text(), /you can only delete your own tracks/);
		const page = await (await alice.open(`/track/${id}/delete`)).text();
		assert.match(page, /cannot be taken back/);
		const deleted = await alice.submit(`/track/${id}/delete`, {});
		assert.equal(deleted.status, 303);
		assert.equal(locationOf(deleted), '/portal');
		const gone = await new Visitor(site.url).open(`/track/${id}`);
		assert.equal(gone.status, 410);
		assert.match(await gone.text(), /this track was removed/);
		const answer = await fetch(new URL(`/api/tracks/${id}`, site.url));
		assert.equal(answer.status, 410);
		assert.equal(((await answer.json()) as { code: string }).code, 'track_removed');
	});
});
