import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { downloadOffer, type DownloadRule } from '#lib/artists/download-rule.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import { DomainError } from '#lib/server/errors.ts';
import { seedTrack } from '#lib/server/testing/seed-track.ts';
import { seedArtist, seedAudioFile } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { openDownload } from './download.ts';
import { trackRow } from './tracks.ts';

const who = (name: string): Viewer => ({
	did: `did:plc:${name}`,
	handle: `${name}.test`,
	displayName: null,
	avatarUrl: null
});
const alice = who('alice');
const bob = who('bob');

describe('downloading the original of a track', () => {
	let database: TestDatabase;
	let id: number;
	before(async () => {
		database = await openTestDatabase();
		await seedArtist(database.db, alice.did, 'Al/ice');
		const original = await seedAudioFile(database.db, 'the original', 'flac');
		id = await seedTrack(database.db, alice.did, 'song', { original_file_id: original });
	});
	after(() => database.close());

	const allow = (downloads: DownloadRule) =>
		database.db.updateTable('artists').set({ downloads }).execute();
	/** What the page of the track says about it, and what becomes of it. */
	const outcome = async (viewer: Viewer | null) => {
		const { artist_downloads: rule, artist_did: did } = await trackRow(database, id);
		const offer = downloadOffer(rule, did, viewer);
		try {
			const { fileName } = await openDownload(database, viewer, id);
			return [offer, fileName];
		} catch (cause) {
			return [offer, cause instanceof DomainError ? cause.code : cause];
		}
	};
	const NAME = 'Al ice - song.flac';

	it('is for who is signed in unless the artist says otherwise, and always for the artist', async () => {
		const yes = ['yes', NAME];
		assert.deepEqual(await outcome(null), ['after_sign_in', 'sign_in_to_download']);
		assert.deepEqual(await outcome(bob), yes);
		assert.deepEqual(await outcome(alice), yes);
		await allow('open');
		assert.deepEqual(await outcome(null), yes);
		assert.deepEqual(await outcome(bob), yes);
		await allow('off');
		assert.deepEqual(await outcome(null), ['no', 'downloads_off']);
		assert.deepEqual(await outcome(bob), ['no', 'downloads_off']);
		assert.deepEqual(await outcome(alice), yes);
	});

	it('goes with the track: by its address when it is unlisted, gone when it is', async () => {
		await allow('open');
		const show = (visibility: 'unlisted' | 'deleting') =>
			database.db.updateTable('tracks').set({ visibility }).execute();
		await show('unlisted');
		assert.equal((await openDownload(database, null, id)).fileName, NAME);
		await show('deleting');
		const isGone = (cause: unknown) => cause instanceof DomainError && cause.status === 410;
		for (const viewer of [null, bob, alice]) {
			await assert.rejects(openDownload(database, viewer, id), isGone);
		}
	});
});
