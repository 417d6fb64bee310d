import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRedirect, type RequestEvent } from '@sveltejs/kit';
import { finishSignIn, startSignIn } from '#lib/server/auth/sign-in.ts';
import { createRelease } from '#lib/server/releases/releases.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { walkAuthorization } from '../../dev/network/fetch-login.ts';
import { load as askForPermission } from '../../src/routes/auth/permission/+page.server.ts';
import { actions } from '../../src/routes/(member)/upload/[release_id]/+page.server.ts';
import { openWithScope, signInAlice } from './other-scope.ts';
import { anyPitch, type PublishingSite, startPublishingSite } from './publishing-site.ts';
import { dropFiles, waitForRelease } from './release-steps.ts';

/** What was asked for before there were albums. */
const OLD_SCOPE = 'atproto repo:fm.plyr.dev.track repo:fm.plyr.dev.like';

type Artist = Awaited<ReturnType<PublishingSite['viewer']>>;

describe('a release that is published by the plain form, with a sign-in from before there were albums', () => {
	let site: PublishingSite;
	let alice: Artist;
	let release: string;
	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		const old = await openWithScope(site.ctx, OLD_SCOPE);
		await signInAlice(old.ctx);
		await old.close();
		release = await createRelease(site.ctx, alice);
		const files = await Promise.all(
			['1 - dawn', '2 - noon'].map(async (name) => ({
				fileName: `${name}.mp3`,
				bytes: await makeSample('mp3', { seconds: 1, hertz: anyPitch() })
			}))
		);
		await dropFiles(site.ctx, alice.did, release, files);
		await waitForRelease(site.ctx, alice, release, ['waiting']);
	});
	after(() => site.close());

	/** Where a route leads, called as SvelteKit calls it. */
	async function leadsTo(
		route: (event: never) => unknown,
		path: string,
		form?: Record<string, string>
	): Promise<string | undefined> {
		const url = new URL(path, site.ctx.config.publicUrl);
		const body = form && new URLSearchParams(form);
		const event = {
			url,
			request: new Request(url, body ? { method: 'POST', body } : {}),
			params: { release_id: release },
			locals: { ctx: site.ctx, viewer: alice, log: site.ctx.log }
		} as unknown as RequestEvent;
		try {
			await route(event as never);
			return undefined;
		} catch (cause) {
			if (!isRedirect(cause)) throw cause;
			return cause.location;
		}
	}

	const publish = () =>
		leadsTo(actions.publish, `/upload/${release}`, {
			album_title: 'A Day',
			description: 'from one end to the other',
			year: '2026',
			rights: 'on'
		});

	const album = async () => {
		const rows = await site.ctx.db.selectFrom('albums').selectAll().execute();
		assert.equal(rows.length, 1);
		return rows[0];
	};

	async function lists() {
		const url = new URL('/xrpc/com.atproto.repo.listRecords', site.network.pdsUrl);
		url.search = String(new URLSearchParams({ repo: alice.did, collection: 'fm.plyr.dev.list' }));
		const { records } = (await (await fetch(url)).json()) as {
			records: { value: Record<string, unknown> & { items: { subject: { uri: string } }[] } }[];
		};
		return records.map(({ value }) => value);
	}

	const permission = `/auth/permission?${new URLSearchParams({ return_to: '/portal' })}`;

	it('publishes its tracks, and asks for the permission its album needs', async () => {
		assert.equal(await publish(), permission);
		const done = await waitForRelease(site.ctx, alice, release, ['completed']);
		assert.deepEqual(
			done.tracks.map(({ suggested }) => suggested.title),
			['dawn', 'noon']
		);
		for (let i = 0; i < 200 && (await album())?.waiting_code === null; i++) await sleep(50);
		assert.equal((await album())?.waiting_code, 'permission_needed');
		assert.deepEqual(await lists(), []);
		assert.equal(await leadsTo(askForPermission, permission), undefined, 'the page is shown');
	});

	it('leads back to where its artist was going, and nothing of the album is lost', async () => {
		const asked = { handle: 'alice.test', returnTo: '/portal', program: null, binding: undefined };
		const { url, binding } = await startSignIn(site.ctx, asked);
		const consent = { username: 'alice.test', password: 'alice-pass' };
		const { searchParams } = await walkAuthorization(url, consent);
		const { location } = await finishSignIn(site.ctx, searchParams, {
			binding,
			former: undefined,
			device: null
		});
		assert.equal(location, '/portal');
		for (let i = 0; i < 200 && (await lists())[0]?.items.length !== 2; i++) await sleep(50);
		const tracks = await site.ctx.db
			.selectFrom('tracks')
			.select('record_uri')
			.orderBy('album_position')
			.execute();
		const [record, ...others] = await lists();
		assert.deepEqual(others, []);
		assert.partialDeepStrictEqual(record, {
			name: 'A Day',
			description: 'from one end to the other',
			year: 2026
		});
		assert.deepEqual(
			record?.items.map(({ subject }) => subject.uri),
			tracks.map(({ record_uri: uri }) => uri)
		);
		for (let i = 0; i < 200 && (await album())?.waiting_code !== null; i++) await sleep(50);
		assert.equal((await album())?.waiting_code, null);
	});

	it('is asked once: after that the same form leads on', async () => {
		assert.equal(await publish(), '/portal');
		assert.equal(await leadsTo(askForPermission, permission), '/portal');
		assert.equal((await lists()).length, 1);
	});
});
