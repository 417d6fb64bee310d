import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import { changeAlbum, keepChange } from '#lib/server/albums/change-album.ts';
import { createAlbum } from '#lib/server/albums/create-album.ts';
import { deleteAlbum } from '#lib/server/albums/delete-album.ts';
import { ensureReleaseAlbum } from '#lib/server/albums/release-album.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { walkAuthorization } from '../../dev/network/fetch-login.ts';
import { openWithScope, signInAlice } from './other-scope.ts';
import {
	anyPitch,
	type PublishingSite,
	startPublishingSite,
	waitForUpload
} from './publishing-site.ts';

const OLD_SCOPE = 'atproto repo:fm.plyr.dev.track repo:fm.plyr.dev.like';

describe('an artist who signed in before there were albums', { timeout: 180_000 }, () => {
	let site: PublishingSite;
	let did: string;
	let alice: Viewer;
	let withOldScope: Awaited<ReturnType<typeof openWithScope>>;
	before(async () => {
		site = await startPublishingSite();
		withOldScope = await openWithScope(site.ctx, OLD_SCOPE);
		did = await site.signIn('alice');
		alice = { did, handle: 'alice.test', displayName: 'alice the artist', avatarUrl: null };
		await signInAlice(withOldScope.ctx);
	});
	after(async () => {
		await withOldScope.close();
		await site.close();
	});

	async function listed(name: string) {
		const url = new URL('/xrpc/com.atproto.repo.listRecords', site.network.pdsUrl);
		url.searchParams.set('repo', did);
		url.searchParams.set('collection', 'fm.plyr.dev.list');
		const { records } = (await (await fetch(url)).json()) as {
			records: { value: { name: string; year?: number; items: unknown[] } }[];
		};
		return records.find(({ value }) => value.name === name)?.value;
	}

	const rowOf = (id: string) =>
		site.ctx.db.selectFrom('albums').selectAll().where('id', '=', id).executeTakeFirst();

	async function waitUntil(what: string, look: () => Promise<unknown>): Promise<void> {
		const end = Date.now() + 20_000;
		while (!(await look())) {
			if (Date.now() > end) throw new Error(`it is not so: ${what}`);
			await sleep(100);
		}
	}

	async function publish(title: string, album: string) {
		const bytes = await makeSample('mp3', { seconds: 1, hertz: anyPitch() });
		const id = await site.send(did, { bytes, fileName: 'a.mp3', fields: { title, album } });
		return await waitForUpload(site.ctx, id);
	}

	it('is known by what the grant says, readable beside it', async () => {
		const grant = () =>
			site.ctx.db.selectFrom('oauth_sessions').select('scope').executeTakeFirstOrThrow();
		const missing = () => site.ctx.oauth.missingOf(did, 'repo:fm.plyr.dev.list');
		assert.equal((await grant()).scope, OLD_SCOPE);
		assert.deepEqual(await missing(), ['repo:fm.plyr.dev.list']);
		// as it was written by the version before
		await site.ctx.db.updateTable('oauth_sessions').set({ scope: null }).execute();
		assert.deepEqual(await missing(), ['repo:fm.plyr.dev.list'], 'read from the grant itself');
		assert.deepEqual(await site.ctx.oauth.missingOf(did, OLD_SCOPE), []);
		assert.equal(await site.ctx.oauth.missingOf('did:plc:nobody', OLD_SCOPE), null);
	});

	it('is asked for the permission when one is made, and nothing is left of it', async () => {
		const refused = { status: 403, code: 'permission_needed', message: /sign in once more/ };
		await assert.rejects(createAlbum(site.ctx, alice, { title: 'Refused' }), refused);
		assert.equal((await site.ctx.db.selectFrom('albums').select('id').execute()).length, 0);
	});

	it('gets the tracks of a release published; only the album’s record waits, and is written after the next sign-in', async () => {
		const about = { did, title: 'Late', description: null, year: 2026, imageId: null };
		const release = await site.ctx.db
			.transaction()
			.execute((trx) => ensureReleaseAlbum(trx, about));
		const upload = await publish('a song', 'Late');
		assert.equal(upload.status, 'completed', upload.error ?? upload.message);
		await waitUntil('it waits', async () => {
			return (await rowOf(release))?.waiting_code === 'permission_needed';
		});
		assert.equal(await listed('Late'), undefined);

		const draft = await createAlbum(site.ctx, alice, { title: 'Draft' }, { mayWait: true });
		assert.equal((await rowOf(draft))?.waiting_code, 'permission_needed');
		const change = { title: 'Draft with a name', year: 1999 };
		await assert.rejects(changeAlbum(site.ctx, alice, draft, change), {
			code: 'permission_needed'
		});
		await keepChange(site.ctx, alice, draft, change);
		const doomed = await createAlbum(site.ctx, alice, { title: 'Doomed' }, { mayWait: true });
		await deleteAlbum(site.ctx, alice, doomed, { withTracks: false });
		await waitUntil('a draft can be thrown away', async () => !(await rowOf(doomed)));

		await signInAlice(site.ctx);
		await waitUntil(
			'the release is written',
			async () => (await listed('Late'))?.items.length === 1
		);
		await waitUntil('the draft is written', async () => await listed('Draft with a name'));
		assert.equal((await listed('Draft with a name'))?.year, 1999);
		await waitUntil('nothing waits any more', async () => {
			const rows = [await rowOf(release), await rowOf(draft)];
			return rows.every((row) => row?.waiting_code === null && row.kept_change === null);
		});
		assert.equal((await rowOf(draft))?.slug, 'draft-with-a-name');
	});

	it('goes on when the sign-in came without a word, and when it had ended altogether', async () => {
		await site.ctx.oauth.revoke(did);
		const id = await createAlbum(site.ctx, alice, { title: 'Signed out' }, { mayWait: true });
		assert.equal((await rowOf(id))?.waiting_code, 'sign_in_again');
		const binding = randomBytes(32).toString('base64url');
		const url = await site.ctx.oauth.authorize('alice.test', { returnTo: '/', binding });
		const consent = { username: 'alice.test', password: 'alice-pass' };
		const { searchParams } = await walkAuthorization(url, consent);
		await site.ctx.oauth.callback(searchParams, binding);
		await waitUntil('it is written', async () => await listed('Signed out'));
	});

	it('is asked by the server itself when we do not know better', async () => {
		await signInAlice(withOldScope.ctx);
		await site.ctx.db
			.updateTable('oauth_sessions')
			.set({ scope: site.ctx.config.atproto.scope })
			.execute();
		const id = await createAlbum(site.ctx, alice, { title: 'Believed' });
		assert.equal((await rowOf(id))?.waiting_code, 'permission_needed');
		await signInAlice(site.ctx);
		await waitUntil('it is written', async () => await listed('Believed'));
	});
});
