import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { FORM_TYPE, formBody, type FormPart, noise } from './receiving/requests.ts';
import { locationOf, Visitor } from './visitor.ts';

describe('the form of one track without javascript', { timeout: 120_000 }, () => {
	let site: LocalSite;
	let alice: Visitor;
	before(async () => {
		site = await startLocalSite({ MAX_UPLOAD_SIZE_MB: '1', UPLOADS_PER_HOUR: '2' });
		alice = new Visitor(site.url);
		const setup = locationOf(await alice.signIn('alice'));
		await alice.submit(setup, { display_name: 'alice plays', bio: '' });
	});
	after(() => site.close());

	const title = { name: 'title', content: 'slow "tide" & more' };
	const album = { name: 'album', content: 'an <album>' };
	const description = { name: 'description', content: 'one line\n</textarea>another' };
	const rights = { name: 'rights', content: 'yes' };
	const file = (content: Uint8Array) => ({ name: 'file', content, fileName: 'song.wav' });
	const submit = (parts: FormPart[], visitor = alice) =>
		visitor.open('/upload', {
			method: 'POST',
			headers: { ...FORM_TYPE, origin: site.url },
			body: new Uint8Array(formBody(parts))
		});
	/** Refused, and shown again with the reason on top and what was typed. */
	const shownAgain = async (parts: FormPart[], status: number, sentence: RegExp) => {
		const answer = await submit(parts);
		const html = await answer.text();
		assert.equal(answer.status, status, html);
		const alert = /<div[^>]*role="alert"[^>]*>(.*?)<\/div>/s.exec(html)?.[1] ?? '';
		assert.match(alert, sentence);
		assert.match(alert, /choose the file again/);
		assert.match(html, /name="title" value="slow &quot;tide&quot; &amp; more"/);
		assert.match(html, /name="album" value="an &lt;album>"/);
		assert.match(html, /one line\n&lt;\/textarea>another<\/textarea>/);
		return answer;
	};

	it('comes back with the reason and what was typed', async () => {
		const fields = [title, album, description];
		await shownAgain([...fields, file(Buffer.alloc(0)), rights], 400, /this file is empty/);
		await shownAgain([...fields, file(noise(9_000))], 422, /tick the box that says you may/);
		const text = Buffer.from('just some words\n'.repeat(900));
		await shownAgain([...fields, file(text), rights], 400, /this is .*text, not audio/);
		const large = file(noise(1024 * 1024 + 1));
		await shownAgain([...fields, large, rights], 413, /file too large \(max 1MB\)/);
	});

	it('leads to the sign-in when nobody is signed in', async () => {
		const nobody = await submit([title, file(noise(9_000)), rights], new Visitor(site.url));
		assert.match(locationOf(nobody), /^\/login\?return_to=%2Fupload$/);
	});

	it('leads to the portal with the upload, and says when to go on after too many', async () => {
		for (const seed of [1, 2]) {
			const answer = await submit([title, file(noise(60_000, seed)), rights]);
			assert.equal(answer.status, 303);
			assert.match(locationOf(answer), /^\/portal\?upload=[0-9a-f-]{36}$/);
		}
		const parts = [title, album, description, file(noise(60_000, 3)), rights];
		const answer = await shownAgain(parts, 429, /you have sent 2 files in the last hour/);
		assert.ok(Number(answer.headers.get('retry-after')) > 3500);
	});
});
