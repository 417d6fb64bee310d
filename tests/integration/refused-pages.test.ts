import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseState } from '#lib/releases/release.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { LIMITS } from '#lib/server/limits/limits.ts';
import { didOf } from '../did-of.ts';
import { openProductDatabase } from '../e2e/product-database.ts';
import { htmlFaults } from '../validators/html.ts';
import { formIn } from './form-in.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack, sendJson } from './published-music.ts';
import { anyPitch } from './publishing-site.ts';
import { locationOf, Visitor } from './visitor.ts';

const ROUTES = 'src/routes';
const LONG = 'w'.repeat(3_000);

/** A form that comes back. */
interface Refusal {
	/** folder below src/routes of the page */
	route: string;
	/** the name of the action; `default`: the only one */
	action: string;
	who: Visitor;
	path: string;
	fields: Record<string, string>;
	/** it is sent as forms with files are */
	hasFiles?: boolean;
	/** a field of the form as the page has it, of which the rest is sent as it is */
	inPage?: string;
	status: number;
	/** it leads to another page, which says why */
	isLedOn?: boolean;
	/** what the page says */
	says: RegExp;
}

describe('a form that is refused', { timeout: 240_000 }, () => {
	let site: LocalSite;
	let alice: Visitor;
	let bob: Visitor;
	let carol: Visitor;
	let track: number;
	let draft: string;
	let uploadId: string;

	before(async () => {
		site = await startLocalSite((network) => ({ ADMIN_DIDS: didOf(network, 'bob') }));
		alice = await becomeArtist(site.url, 'alice');
		bob = await becomeArtist(site.url, 'bob');
		carol = new Visitor(site.url);
		await carol.signIn('carol');
		track = await publishTrack(alice, { title: 'a "tone"', description: 'of <music>' }, 64);
		await sendJson(alice, 'POST', '/api/albums', { title: 'An Album', track_ids: [track] });
		const begun = await sendJson(alice, 'POST', '/api/releases', {});
		draft = ((await begun.json()) as { release_id: string }).release_id;
		uploadId = await bringFile();
		const database = await openProductDatabase(site);
		await database`update oauth_sessions set scope = 'atproto'
			where did = (select did from artists where handle = 'bob.test')`;
		// what to repair would write over something
		await database`
			insert into track_problems (artist_did, subject_uri, track_id, kind, detail)
			select artist_did, record_uri, id, 'record_unreadable', '{}' from tracks where id = ${track}`;
		await database.end();
	});
	after(() => site.close());

	/** A file of the draft that is ready. @returns the id of its upload */
	async function bringFile(): Promise<string> {
		const bytes = await makeSample('mp3', { seconds: 1, hertz: anyPitch() });
		const metadata = { release_id: draft, filename: 'a "file".mp3' };
		const sent = await alice.open('/api/uploads/tus', {
			method: 'POST',
			body: Uint8Array.from(bytes),
			headers: {
				origin: site.url,
				'tus-resumable': '1.0.0',
				'content-type': 'application/offset+octet-stream',
				'upload-length': String(bytes.byteLength),
				'upload-metadata': Object.entries(metadata)
					.map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
					.join(',')
			}
		});
		assert.equal(sent.status, 201, await sent.text());
		for (let i = 0; i < 300; i++) {
			const answer = await alice.open(`/api/releases/${draft}`);
			const [first] = ((await answer.json()) as ReleaseState).tracks;
			if (first?.upload.status === 'waiting') return first.upload.upload_id;
			await sleep(100);
		}
		return assert.fail('the file is never ready');
	}

	function refusals(): Refusal[] {
		const onDraft = { route: '(member)/upload/[release_id]', who: alice, path: `/upload/${draft}` };
		const typed = {
			...{ album_title: `"${LONG}"`, description: '<b>', year: '2026', release_at: '' },
			...{ [`title:${uploadId}`]: '"a" <title>', [`tags:${uploadId}`]: 'a, "b"' }
		};
		const catalogue = {
			...{ route: '(member)/portal/catalogue', who: alice, path: '/portal/catalogue' }
		};
		const portal = { route: '(member)/portal', who: alice, path: '/portal' };
		const album = '/u/alice.test/album/an-album/edit';
		const albums = { route: '(member)/u/[handle]/album/[slug]/edit', path: album };
		return [
			{
				...{ route: 'login', action: 'default', who: new Visitor(site.url), path: '/login' },
				...{
					fields: { handle: '"not" a handle' },
					status: 200,
					isLedOn: true,
					says: /role="alert"/
				}
			},
			{
				...{ route: '(listen)/settings', action: 'default', who: bob, path: '/settings' },
				...{ fields: { accent_color: '"red"' }, status: 422, says: /role="alert"/ }
			},
			{
				...{ route: '(listen)/track/[id]/like', action: 'default', who: bob },
				...{ path: `/track/${track}/like`, fields: { liked: 'true' }, status: 403 },
				says: /permission/
			},
			{
				...{ route: '(member)/profile/setup', action: 'default', who: carol },
				...{ path: '/profile/setup', fields: { display_name: '', bio: LONG }, status: 422 },
				says: /role="alert"/
			},
			{
				...{ route: '(member)/portal/profile', action: 'default', who: alice },
				...{
					path: '/portal/profile',
					fields: { bio: '"long" '.repeat(60) }
				},
				...{ inPage: 'bio', status: 422, says: /aria-invalid="true"/ }
			},
			{
				...{ route: '(member)/portal/albums/new', action: 'default', who: alice },
				...{ path: '/portal/albums/new', fields: { title: '  ', description: '"<b>"' } },
				...{ status: 422, says: /an album needs a title/ }
			},
			{
				...{ ...albums, action: 'save', who: alice, fields: { title: ' ', description: '"<b>"' } },
				...{ status: 422, says: /an album needs a title/ }
			},
			{
				...{ ...albums, action: 'delete', who: bob, fields: {}, status: 403 },
				says: /that did not work|not yours/
			},
			{
				...{ route: '(member)/track/[id]/edit', action: 'default', who: alice },
				...{ path: `/track/${track}/edit`, hasFiles: true, inPage: 'base', status: 422 },
				...{ fields: { tags: '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "11"' } },
				says: /at most 10 tags/
			},
			{
				...{ route: '(member)/track/[id]/delete', action: 'default', who: bob },
				...{ path: `/track/${track}/delete`, fields: {}, status: 403, says: /<h1/ }
			},
			{
				...{ route: '(member)/track/[id]/replace', action: 'default', who: alice },
				...{ path: `/track/${track}/replace`, fields: { a: 'b' }, hasFiles: true, status: 400 },
				says: /role="alert"/
			},
			{
				...{ route: '(member)/upload', action: 'default', who: alice, path: '/upload' },
				...{ fields: { title: '"<b>"', rights: 'on' }, hasFiles: true, status: 400 },
				says: /role="alert"/
			},
			{ ...onDraft, action: 'save', fields: typed, status: 422, says: /role="alert"/ },
			{ ...onDraft, action: 'publish', fields: typed, status: 422, says: /role="alert"/ },
			{ ...onDraft, action: 'discard', fields: typed, status: 400, says: /discard this draft/ },
			{
				...{ ...onDraft, action: 'remove', fields: { upload_id: 'none' }, status: 404 },
				says: /role="alert"/
			},
			{
				...{ ...portal, action: 'retry', fields: { upload_id: 'none' }, status: 404 },
				says: /role="alert"/
			},
			{
				...{ ...portal, action: 'discard', fields: { upload_id: 'none' }, status: 404 },
				says: /role="alert"/
			},
			{
				...{ ...catalogue, action: 'repair', fields: { problem_id: '999999' }, status: 404 },
				says: /role="alert"/
			},
			{ ...catalogue, action: 'repair_all', fields: {}, status: 400, says: /role="alert"/ },
			// whatever is wrong with it, it is asked for
			{ ...catalogue, action: 'check', fields: {}, status: 200, isLedOn: true, says: /<h1/ },
			{
				...{ route: '(member)/portal/takedowns', action: 'object', who: alice },
				...{ path: '/portal/takedowns', fields: { takedown: '1', statement: '"<b>"' } },
				...{ status: 404, says: /role="alert"/ }
			},
			...refusalsOfAccount(),
			...refusalsOfOperator()
		];
	}

	function refusalsOfAccount(): Refusal[] {
		const account = { route: '(member)/settings/[section]', who: alice, says: /role="alert"/ };
		const signIns = { ...account, path: '/settings/sign-ins' };
		const tokens = { ...account, path: '/settings/tokens' };
		const deletion = { ...account, path: '/settings/delete-account' };
		// both are carried out whatever the form says; a stranger is led to sign in
		const byStranger = {
			...{ ...signIns, who: new Visitor(site.url), fields: {}, status: 200, isLedOn: true },
			says: /sign in/
		};
		return [
			{ ...signIns, action: 'one', fields: { id: '"none"' }, status: 404 },
			{ ...byStranger, action: 'others' },
			{ ...byStranger, action: 'all' },
			{
				...{ ...tokens, action: 'make', status: 422 },
				fields: { name: '"<b>"', scope: 'all', days: '90' }
			},
			{ ...tokens, action: 'revoke', fields: { id: 'none' }, status: 404 },
			{ ...deletion, action: 'delete', fields: { confirmation: '"bob"' }, status: 422 },
			{ ...deletion, action: 'keep', fields: {}, status: 409 }
		];
	}

	function refusalsOfOperator(): Refusal[] {
		const admin = { route: '(operator)/admin/[[section]]', who: bob, says: /role="alert"/ };
		const reports = { ...admin, path: '/admin/reports' };
		const takedowns = { ...admin, path: '/admin/takedowns' };
		const jobs = { ...admin, path: '/admin/jobs' };
		const job = { queue: '"none"', id: 'not an id' };
		return [
			{ ...reports, action: 'hide', fields: { subject: '"<b>"', ground: 'none' }, status: 422 },
			{ ...reports, action: 'dismiss', fields: { subject: '"<b>"' }, status: 404 },
			{ ...takedowns, action: 'restore', fields: { subject: '"<b>"' }, status: 404 },
			{ ...takedowns, action: 'leave', fields: { takedown: 'x', subject: '"<b>"' }, status: 404 },
			{ ...jobs, action: 'retry', fields: job, status: 409 },
			{ ...jobs, action: 'discard', fields: job, status: 409 }
		];
	}

	it('is listed: no action is missing', () => {
		const actions = globSync('**/+page.server.ts', { cwd: ROUTES }).flatMap((file) => {
			const text = readFileSync(path.join(ROUTES, file), 'utf8');
			const [, list] = text.split(/^export const actions\b.*$/m);
			const names = [...(list ?? '').matchAll(/^\t(\w+): /gm)].map(([, name]) => name);
			return names.map((name) => `${path.dirname(file)} ${name}`);
		});
		const listed = refusals().map(({ route, action }) => `${route} ${action}`);
		assert.deepEqual(listed.toSorted(), actions.toSorted());
	});

	it('comes back as valid html, with the reason', async () => {
		const wrong: string[] = [];
		for (const { route, action, who, path: page, fields, ...state } of refusals()) {
			const name = `${route} ${action}`;
			const form = state.inPage && formIn(await (await who.open(page)).text(), state.inPage);
			const body = form || (state.hasFiles ? new FormData() : new URLSearchParams());
			for (const [field, value] of Object.entries(fields)) body.set(field, value);
			const sent = { method: 'POST', headers: { origin: site.url }, body };
			let answer = await who.open(action === 'default' ? page : `${page}?/${action}`, sent);
			if (state.isLedOn) answer = await who.open(locationOf(answer));
			const html = await answer.text();
			if (answer.status !== state.status) wrong.push(`${name}: it is ${answer.status}`);
			if (!state.says.test(html)) wrong.push(`${name}: it does not say ${state.says}: ${html}`);
			wrong.push(...(await htmlFaults(html, name)));
		}
		assert.deepEqual(wrong, []);
	});

	it('goes no further than a hook, and is answered with valid html', async () => {
		const tooLarge = await alice.submit('/settings', { accent_color: LONG.repeat(30) });
		const visitor = new Visitor(site.url);
		let tooOften = await visitor.submit('/login', { handle: 'x' });
		for (let i = 0; i < LIMITS.sign_in.most && tooOften.status !== 429; i++) {
			tooOften = await visitor.submit('/login', { handle: 'x' });
		}
		const answers = { 413: tooLarge, 429: tooOften };
		for (const [status, answer] of Object.entries(answers)) {
			assert.equal(String(answer.status), status);
			assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
			assert.deepEqual(await htmlFaults(await answer.text(), status), []);
		}
	});
});
