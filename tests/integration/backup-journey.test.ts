import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createSeal } from '#lib/server/atproto/seal.ts';
import { createSessionStore } from '#lib/server/atproto/stores.ts';
import { readConfig } from '#lib/server/config.ts';
import { createLogger } from '#lib/server/log.ts';
import { readSecrets } from '#lib/server/secrets.ts';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { SiteLoad } from './backup-load.ts';
import {
	copyKeys,
	emptyFolder,
	plyr,
	removeFolder,
	typePlyr,
	withDatabase
} from './backup-steps.ts';
import { type LocalSite, startApplication, startLocalSite } from './local-site.ts';
import { tokensAtPds } from './pds-tokens.ts';
import { becomeArtist, sendJson } from './published-music.ts';
import type { Visitor } from './visitor.ts';

/** So many times it is backed up while people go on. */
const BACKUPS = 3;

describe('a site that is lost while people use it', { timeout: 420_000 }, () => {
	let site: LocalSite;
	let alice: Visitor;
	let bob: Visitor;
	let place: string;
	let home: string;
	let load: SiteLoad;
	let restored: Awaited<ReturnType<typeof startApplication>> | undefined;
	/** what was published, and not deleted, before the last backup began */
	let promised: Map<number, string>;
	const restoredEnv = () => ({ ...site.env, DATA_DIR: home });

	before(async () => {
		[site, place, home] = await Promise.all([startLocalSite(), emptyFolder(), emptyFolder()]);
		alice = await becomeArtist(site.url, 'alice');
		bob = await becomeArtist(site.url, 'bob');
		load = new SiteLoad(alice, bob);
		for (let i = 0; i < 3; i++) await load.edit(await load.publish());
	});
	after(async () => {
		await restored?.stop();
		await site.close();
		await Promise.all([removeFolder(place), removeFolder(home)]);
	});

	it('has been backed up meanwhile, and nothing was in its way', async () => {
		load.start();
		for (let i = 0; i < BACKUPS; i++) {
			promised = new Map([...load.published].filter(([id]) => !load.deleted.has(id)));
			const { code, said } = await typePlyr(site.env, 'backup', place);
			assert.equal(code, 0, said);
			assert.match(said, /keep what plyr keys export says somewhere else/);
		}
		await load.stop();
		assert.deepEqual(load.errors, []);
		assert.ok(load.edited.size > 0 && load.deleted.size > 0);
		assert.equal((await readdir(path.join(place, 'backups'))).length, BACKUPS);
		// what a backup held is deleted after it
		const { said } = await plyr(site.env, ['audit', '--local', '--quiet']);
		assert.equal(said, '');
	});

	it('is made again of the backup and the keys, on an empty machine', async () => {
		await site.stop();
		await copyKeys(site.dataDir, home);
		const { code, said } = await plyr(restoredEnv(), ['restore', place]);
		assert.equal(code, 0, said);
		restored = await startApplication(restoredEnv(), site.url);
	});

	it('plays every track, every byte of it, and shows its picture', async () => {
		const found = new Map<number, TrackResponse>();
		for (let cursor: string | null = ''; cursor !== null;) {
			const answer = await alice.open(`/api/tracks/?limit=50${cursor && `&cursor=${cursor}`}`);
			const page = (await answer.json()) as { tracks: TrackResponse[]; next_cursor: string | null };
			for (const track of page.tracks) found.set(track.id, track);
			cursor = page.next_cursor;
		}
		for (const id of promised.keys()) {
			assert.ok(found.has(id) || load.deleted.has(id), `track ${id} is not there`);
		}
		assert.ok(found.size >= promised.size - load.deleted.size && found.size >= 3);
		for (const { id, file_id: fileId, image_url: image } of found.values()) {
			const part = await alice.open(`/audio/${fileId}`, { headers: { range: 'bytes=100-4195' } });
			assert.equal(part.status, 206);
			const whole = Buffer.from(await (await alice.open(`/audio/${fileId}`)).arrayBuffer());
			assert.deepEqual(Buffer.from(await part.arrayBuffer()), whole.subarray(100, 4196));
			const hash = createHash('sha256').update(whole).digest('hex');
			assert.ok(hash.startsWith(fileId) && load.sent.has(hash), `track ${id} has other bytes`);
			// what was on its way is published now, under the next number
			if (promised.has(id)) assert.equal(hash, promised.get(id), `track ${id} is another one`);
			const picture = await alice.open(new URL(image ?? '', site.url).pathname);
			assert.equal(picture.status, 200);
			await picture.arrayBuffer();
		}
		const audited = await plyr({ ...restoredEnv(), ROLES: 'web' }, ['audit', '--deep', '--local']);
		assert.equal(audited.code, 0, audited.said);
		assert.match(audited.said, /, 0 strays;/);
	});

	it('finds its tracks by their words and tags at once', async () => {
		const tracks = async (query: string) => {
			const answer = await alice.open(`/api/search?q=${encodeURIComponent(query)}&kind=track`);
			return ((await answer.json()) as { tracks: TrackResponse[] }).tracks;
		};
		assert.ok((await tracks('tag:sine')).length > 0);
		const [first] = await tracks('tag:sine');
		assert.ok((await tracks(first?.title ?? '')).some(({ id }) => id === first?.id));
	});

	it('knows everybody who was signed in, and acts in their name with a grant it renews', async () => {
		for (const visitor of [alice, bob]) {
			const me = await visitor.open('/api/auth/me', { headers: { accept: 'application/json' } });
			assert.equal(me.status, 200, await me.text());
		}
		const secrets = await readSecrets(readConfig(restoredEnv()));
		const { did } = (await (await bob.open('/api/auth/me')).json()) as { did: string };
		await withDatabase(restoredEnv(), async (db) => {
			const seal = createSeal(secrets.encryptionKeys);
			const store = createSessionStore({
				db,
				seal,
				log: createLogger('error', () => undefined)
			});
			const session = await store.get(did);
			assert.ok(session);
			const expiresAt = new Date(Date.now() + 1_000).toISOString();
			const tokenSet = { ...session.tokenSet, expires_at: expiresAt };
			await store.set(did, { ...session, tokenSet });
		});
		const before = tokensAtPds(site.networkDir, did);
		const liked = [...promised.keys()].find((id) => !load.deleted.has(id)) ?? 0;
		await sendJson(bob, 'DELETE', `/api/tracks/${liked}/like`, {});
		const answer = await sendJson(bob, 'POST', `/api/tracks/${liked}/like`, {});
		assert.ok(answer.ok, await answer.text());
		const now = tokensAtPds(site.networkDir, did);
		assert.equal(now.renewals, before.renewals + 1);
		assert.equal(now.grants, before.grants);
	});

	it('signs nobody out while the key that seals its sign-ins is replaced', async () => {
		const keptKeys = async () => (await readSecrets(readConfig(restoredEnv()))).encryptionKeys;
		const startAgain = async () => {
			await restored?.stop();
			restored = await startApplication(restoredEnv(), site.url);
		};
		const [former] = await keptKeys();
		const track = [...promised.keys()].find((id) => !load.deleted.has(id)) ?? 0;
		const assertAllAct = async () => {
			for (const visitor of [alice, bob]) {
				assert.equal((await visitor.open('/api/auth/me')).status, 200);
				for (const method of ['DELETE', 'POST']) {
					const answer = await sendJson(visitor, method, `/api/tracks/${track}/like`, {});
					assert.ok(answer.ok, await answer.text());
				}
			}
		};
		assert.equal((await plyr(restoredEnv(), ['keys', 'rotate'])).code, 0);
		// before the site knows of it, and after
		await assertAllAct();
		await startAgain();
		await assertAllAct();
		const resealed = await plyr(restoredEnv(), ['keys', 'reseal']);
		assert.equal(resealed.code, 0, resealed.said);
		const dropped = await plyr(restoredEnv(), ['keys', 'drop']);
		assert.equal(dropped.code, 0, dropped.said);
		const left = await keptKeys();
		assert.equal(left.length, 1);
		assert.notDeepEqual(left[0], former);
		await startAgain();
		await assertAllAct();
	});

	it('goes on: what is published now is kept beside what was', async () => {
		const id = await load.publish();
		assert.ok(id > Math.max(...promised.keys()));
		const { said, code } = await plyr(restoredEnv(), ['backup', place]);
		assert.equal(code, 0, said);
		assert.ok((await stat(path.join(place, 'objects'))).isDirectory());
	});
});
