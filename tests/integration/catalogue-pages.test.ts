import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import type { CatalogueResponse } from '#lib/server/catalogue/catalogue-api.ts';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { OtherProgram } from './other-program.ts';
import { locationOf, Visitor } from './visitor.ts';

describe('the pages of a catalogue, without scripts', () => {
	let site: LocalSite;
	let alice: Visitor;
	let bob: Visitor;
	let elsewhere: OtherProgram;
	let songs: Record<'first' | 'second', TrackResponse>;

	before(async () => {
		site = await startLocalSite();
		alice = await artist('alice');
		bob = await artist('bob');
		elsewhere = await OtherProgram.of('alice', site.network.pdsUrl);
		songs = { first: await publish('first'), second: await publish('second') };
	});
	after(() => site.close());

	const post = (visitor: Visitor, address: string, body?: BodyInit, type?: string) =>
		visitor.open(address, {
			method: 'POST',
			headers: { origin: site.url, ...(type ? { 'content-type': type } : {}) },
			...(body ? { body } : {})
		});

	async function artist(name: 'alice' | 'bob'): Promise<Visitor> {
		const visitor = new Visitor(site.url);
		await visitor.signIn(name);
		const profile = JSON.stringify({ display_name: `The ${name}` });
		await post(visitor, '/api/artists/', profile, 'application/json');
		return visitor;
	}

	async function publish(title: string): Promise<TrackResponse> {
		const form = new FormData();
		form.set('title', title);
		form.set('rights_confirmed', 'true');
		const bytes = await makeSample('mp3', { seconds: 1, hertz: 300 + Math.random() * 500 });
		form.set('file', new Blob([Uint8Array.from(bytes)]), 'tone.mp3');
		const sent = await post(alice, '/api/tracks/', form);
		const { upload_id: id } = (await sent.json()) as { upload_id: string };
		for (let i = 0; i < 300; i++) {
			const answer = await alice.open(`/api/tracks/uploads/${id}`);
			const state = (await answer.json()) as { track_id: number | null; error: string | null };
			assert.equal(state.error, null);
			if (state.track_id !== null) {
				return (await (await alice.open(`/api/tracks/${state.track_id}`)).json()) as TrackResponse;
			}
			await sleep(100);
		}
		throw new Error('the upload is not finished');
	}

	const state = async () =>
		(await (await alice.open('/api/catalogue')).json()) as CatalogueResponse;
	async function settled(): Promise<CatalogueResponse> {
		for (let i = 0; i < 300; i++) {
			const now = await state();
			if (now.check === 'done' && now.repairs_left === 0) return now;
			await sleep(100);
		}
		throw new Error(`it is not settled: ${JSON.stringify(await state())}`);
	}
	const html = async (address: string) => (await alice.open(address)).text();

	it('ask for a check, and show what it found', async () => {
		assert.doesNotMatch(await html('/portal'), /needing attention/);
		assert.match(await html('/portal'), /href="[^"]*\/portal\/catalogue"/);
		const asked = await alice.submit('/portal/catalogue?/check', {});
		assert.equal(asked.status, 303);
		assert.equal(locationOf(asked), '/portal/catalogue');
		await settled();
		const page = await html('/portal/catalogue');
		assert.match(page, /everything is as it ought to be/);
		assert.match(page, /track records in your repository<\/dt>\s*<dd[^>]*>2<\/dd>/);
		assert.match(page, /files asked for<\/dt>\s*<dd[^>]*>2<\/dd>/);
		assert.doesNotMatch(await html('/portal'), /needing attention/);
	});

	it('say on the portal what is wrong, and repair it by a form', async () => {
		await elsewhere.delete(songs.first);
		const answer = await post(alice, '/api/catalogue/check');
		assert.equal(answer.status, 202);
		await settled();
		const page = await html('/portal');
		assert.match(page, /tracks needing attention <span[^>]*>1<\/span>/);
		assert.match(page, /its record is not in your repository: it cannot be liked/);
		assert.match(page, /repair: the record is written again under its own address/);
		const broken = await alice.open('/api/tracks/me/broken');
		const { tracks, count } = (await broken.json()) as { tracks: TrackResponse[]; count: number };
		assert.deepEqual([count, tracks[0]?.id], [1, songs.first.id]);
		const id = /name="problem_id" value="(\d+)"/.exec(page)?.[1] ?? assert.fail('no form');
		const other = await bob.submit('/portal/catalogue?/repair', { problem_id: id });
		assert.equal(other.status, 404, 'of nobody else');
		const asked = await alice.submit('/portal/catalogue?/repair', { problem_id: id });
		assert.equal(locationOf(asked), '/portal/catalogue');
		await settled();
		assert.equal((await elsewhere.read(songs.first))['title'], 'first');
		assert.doesNotMatch(await html('/portal'), /needing attention/);
		const again = await alice.submit('/portal/catalogue?/repair', { problem_id: id });
		assert.equal(again.status, 404);
		assert.match(await again.text(), /repaired already, or was not found again/);
	});

	it('show both versions where they differ, and write over none without being told to', async () => {
		const { second } = songs;
		await elsewhere.edit(second, { title: 'second, <elsewhere>', mood: 'blue' });
		await post(alice, '/api/catalogue/check');
		await settled();
		const page = await html('/portal/catalogue');
		assert.match(page, /something else than its page here: title/);
		assert.match(page, /<dd[^>]*>second, &lt;elsewhere(&gt;|>)<\/dd>/);
		assert.match(page, /name="confirmed" value="yes" required/);
		const id = /name="problem_id" value="(\d+)"/.exec(page)?.[1] ?? assert.fail('no form');
		const choice = { problem_id: id, choice: 'ours' };
		const refused = await alice.submit('/portal/catalogue?/repair', choice);
		assert.equal(refused.status, 400);
		assert.match(await refused.text(), /this writes over one of two versions/);
		const all = await alice.submit('/portal/catalogue?/repair_all', {});
		assert.equal(all.status, 400);
		await alice.submit('/portal/catalogue?/repair', { ...choice, confirmed: 'yes' });
		await settled();
		const now = await elsewhere.read(second);
		assert.deepEqual([now['title'], now['mood']], ['second', 'blue']);
	});

	it('ask for the file where there is no other copy of it', async () => {
		const { first } = songs;
		await rm(path.join(site.dataDir, 'storage', 'audio', `${first.file_id}.mp3`));
		await post(alice, '/api/catalogue/check');
		await settled();
		const page = await html('/portal/catalogue');
		assert.match(page, /does not answer, so nobody can hear it, and there is no other copy/);
		assert.match(page, new RegExp(`href="[^"]*/track/${first.id}/replace"`));
		assert.doesNotMatch(page, /name="problem_id"/);
	});

	it('restore a record for a program, and tell it what is not theirs', async () => {
		const { second } = songs;
		const restore = (visitor: Visitor, id: number) =>
			post(visitor, `/api/tracks/${id}/restore-record`);
		const has = await restore(alice, second.id);
		assert.equal(has.status, 400);
		const { detail, code } = (await has.json()) as { detail: unknown; code: string };
		assert.equal(code, 'already_has_record');
		assert.deepEqual(detail, {
			error: 'already_has_record',
			message: 'this track has its record already',
			uri: second.atproto_record_uri
		});
		await elsewhere.delete(second);
		const restored = await restore(alice, second.id);
		assert.equal(restored.status, 200);
		const answer = (await restored.json()) as Record<string, unknown>;
		assert.deepEqual(
			[answer['success'], answer['restored_uri']],
			[true, second.atproto_record_uri]
		);
		assert.equal((await elsewhere.read(second))['createdAt'], second.created_at);
		assert.equal((await restore(bob, second.id)).status, 403);
		assert.equal((await restore(alice, 999_999)).status, 404);
		const nobody = new Visitor(site.url);
		for (const address of ['/api/catalogue', '/api/tracks/me/broken']) {
			assert.equal((await nobody.open(address)).status, 401);
		}
		assert.match(locationOf(await nobody.open('/portal/catalogue')), /^\/login\?return_to=/);
	});
});
