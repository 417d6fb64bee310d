import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sql } from 'kysely';
import type { ModeratedSubject } from '#lib/moderation/takedown.ts';
import { createLogger } from '#lib/server/log.ts';
import { seedTrack } from '#lib/server/testing/seed-track.ts';
import { seedArtist, seedImage } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { findAccountToModerate, findTrackToModerate } from './subjects.ts';
import {
	isTakenDown,
	refuseHiddenArtist,
	refuseHiddenFile,
	refuseHiddenImage,
	refuseHiddenTrack
} from './taken-down.ts';
import { listOwnTakedowns, listTakedowns, restoreTakenDown, takeDown } from './takedowns.ts';

const ALICE = 'did:plc:alice';
const BOB = 'did:plc:bob';
const OPERATOR = 'did:plc:operator';
const RULES = { ground: 'rules', reason: 'not music' } as const;

describe('a takedown', () => {
	let database: TestDatabase;
	let ctx: Pick<TestDatabase, 'db'> & { log: ReturnType<typeof createLogger> };
	let song: number;
	let secret: number;
	before(async () => {
		database = await openTestDatabase();
		ctx = { db: database.db, log: createLogger('error', () => undefined) };
	});
	after(() => database.close());

	beforeEach(async () => {
		for (const table of [
			'takedowns',
			'tracks',
			'artists',
			'artist_numbers',
			'search_entries'
		] as const) {
			await sql`truncate ${sql.table(table)} cascade`.execute(database.db);
		}
		await seedArtist(database.db, ALICE, 'Alice');
		await seedArtist(database.db, BOB, 'Bob');
		song = await seedTrack(database.db, ALICE, 'a song', { play_count: 7, tags: ['drone'] });
		secret = await seedTrack(database.db, ALICE, 'a secret', { visibility: 'unlisted' });
		await seedTrack(database.db, BOB, 'other music');
	});

	const track = (id: number): Promise<ModeratedSubject> => findTrackToModerate(ctx, String(id));
	const hide = async (id: number) => takeDown(ctx, OPERATOR, await track(id), RULES);
	const account = () => findAccountToModerate(ctx, 'alice.test');
	/** All that follows from it, in all tables. */
	async function state() {
		const { rows } = await sql<{ kept: unknown }>`
			select json_build_object(
				'tracks', (select json_agg(row(id, visibility, listed_as, title, play_count, file_id) order by id) from tracks),
				'artists', (select json_agg(row(did, is_hidden) order by did) from artists),
				'numbers', (select json_agg(row(did, track_count, play_count) order by did) from artist_numbers),
				'found', (select json_agg(row(kind, ref, name, words::text, uses, tags) order by kind, ref) from search_entries)
			) as kept`.execute(database.db);
		return rows[0]?.kept as Record<string, unknown[]>;
	}
	const visibilities = async () => {
		const rows = await database.db
			.selectFrom('tracks')
			.select('visibility')
			.orderBy('id')
			.execute();
		return rows.map(({ visibility }) => visibility);
	};

	it('hides a track, and everything is afterwards as it was before', async () => {
		const before = await state();
		await hide(song);
		assert.deepEqual(await visibilities(), ['hidden', 'unlisted', 'public']);
		const found = JSON.stringify((await state())['found']);
		assert.doesNotMatch(found, /a song|drone/);
		await assert.rejects(refuseHiddenTrack(database.db, song), isTakenDown);
		await restoreTakenDown(ctx, OPERATOR, (await track(song)).subject);
		assert.deepEqual(await state(), before);
		await refuseHiddenTrack(database.db, song);
	});

	it('hides an account with all it has, also what comes later, and gives it back', async () => {
		const before = await state();
		await takeDown(ctx, OPERATOR, await account(), RULES);
		assert.deepEqual(await visibilities(), ['hidden', 'hidden', 'public']);
		assert.doesNotMatch(JSON.stringify((await state())['found']), /alice|a song/);
		await assert.rejects(refuseHiddenArtist(database.db, ALICE), /not music/);
		const later = await seedTrack(database.db, ALICE, 'written later');
		assert.deepEqual(await visibilities(), ['hidden', 'hidden', 'public', 'hidden']);
		await restoreTakenDown(ctx, OPERATOR, ALICE);
		assert.deepEqual(await visibilities(), ['public', 'unlisted', 'public', 'public']);
		await database.db.deleteFrom('tracks').where('id', '=', later).execute();
		assert.deepEqual(await state(), before);
	});

	it('of a track stays when that of its account is lifted', async () => {
		await hide(secret);
		await takeDown(ctx, OPERATOR, await account(), RULES);
		await restoreTakenDown(ctx, OPERATOR, ALICE);
		assert.deepEqual(await visibilities(), ['public', 'hidden', 'public']);
		await restoreTakenDown(ctx, OPERATOR, (await track(secret)).subject);
		assert.deepEqual(await visibilities(), ['public', 'unlisted', 'public']);
	});

	it('is not undone by a change, by writing the record anew, or by a deletion', async () => {
		await hide(song);
		const change = (visibility: 'public' | 'unlisted' | 'deleting', id: number) =>
			database.db.updateTable('tracks').set({ visibility }).where('id', '=', id).execute();
		await change('unlisted', song);
		assert.equal((await visibilities())[0], 'hidden');
		const { subject } = await track(song);
		await database.db.deleteFrom('tracks').where('id', '=', song).execute();
		song = await seedTrack(database.db, ALICE, 'a song');
		assert.equal((await visibilities()).at(-1), 'hidden', 'the record is the same');
		await change('unlisted', song);
		await restoreTakenDown(ctx, OPERATOR, subject);
		assert.equal((await visibilities()).at(-1), 'unlisted', 'what the artist wanted meanwhile');
		await hide(song);
		await change('deleting', song);
		await restoreTakenDown(ctx, OPERATOR, subject);
		assert.equal((await visibilities()).at(-1), 'deleting');
	});

	it('holds for a track that is entered at the same moment', async () => {
		const subject = await account();
		const entered = Promise.withResolvers<undefined>();
		const goOn = Promise.withResolvers<undefined>();
		const entering = database.db.transaction().execute(async (trx) => {
			await seedTrack(trx, ALICE, 'just now');
			entered.resolve(undefined);
			await goOn.promise;
		});
		await entered.promise;
		const taking = takeDown(ctx, OPERATOR, subject, RULES);
		// it waits for whoever enters something of the account
		const first = await Promise.race([
			taking.then(() => 'taken'),
			new Promise((resolve) => setTimeout(resolve, 300, 'waits'))
		]);
		assert.equal(first, 'waits');
		goOn.resolve(undefined);
		await Promise.all([entering, taking]);
		assert.deepEqual(await visibilities(), ['hidden', 'hidden', 'public', 'hidden']);
	});

	it('holds back bytes that nothing shown needs, and no others', async () => {
		const mine = await seedImage(database.db, 'mine');
		const shared = await seedImage(database.db, 'shared');
		await database.db
			.updateTable('tracks')
			.set({ image_id: mine })
			.where('id', '=', song)
			.execute();
		await database.db
			.updateTable('tracks')
			.set({ image_id: shared })
			.where('id', '!=', song)
			.execute();
		const { file_id: file } = await database.db
			.selectFrom('tracks')
			.select('file_id')
			.where('id', '=', song)
			.executeTakeFirstOrThrow();
		// its cover as well, and nobody sees a track of it
		const album = { artist_did: ALICE, slug: 'deep', title: 'Deep', image_id: mine };
		const { id: albumId } = await database.db
			.insertInto('albums')
			.values(album)
			.returning('id')
			.executeTakeFirstOrThrow();
		const change = database.db.updateTable('tracks').set({ album_id: albumId });
		await change.where('id', '=', song).execute();
		await refuseHiddenImage(database.db, mine);
		await refuseHiddenFile(database.db, file);
		await hide(song);
		await assert.rejects(refuseHiddenImage(database.db, mine), isTakenDown);
		await change.where('id', '=', secret).execute();
		// who knows its address sees this one, and the cover of its album
		await refuseHiddenImage(database.db, mine);
		await takeDown(ctx, OPERATOR, await account(), { ground: 'legal', reason: 'a court said so' });
		const legal = (cause: unknown) => isTakenDown(cause) && cause.status === 451;
		await assert.rejects(refuseHiddenImage(database.db, mine), legal);
		await assert.rejects(refuseHiddenFile(database.db, file), legal);
		// bob shows it, too
		await refuseHiddenImage(database.db, shared);
	});

	it('is said once, with a reason, and is written down for good', async () => {
		const subject = await track(song);
		await assert.rejects(takeDown(ctx, OPERATOR, subject, { ...RULES, reason: ' ' }), {
			status: 422
		});
		await takeDown(ctx, OPERATOR, subject, RULES);
		await assert.rejects(takeDown(ctx, OPERATOR, subject, RULES), { code: 'already_taken_down' });
		const own = await listOwnTakedowns(ctx, {
			did: ALICE,
			handle: 'alice.test',
			displayName: 'Alice',
			avatarUrl: null
		});
		assert.deepEqual(
			own.map(({ name, reason, ground }) => [name, reason, ground]),
			[['a song by Alice', 'not music', 'rules']]
		);
		await restoreTakenDown(ctx, 'command line', subject.subject);
		await assert.rejects(restoreTakenDown(ctx, OPERATOR, subject.subject), { status: 404 });
		const { takedowns } = await listTakedowns(ctx);
		assert.deepEqual(
			takedowns.map(({ madeBy, liftedBy }) => [madeBy, liftedBy]),
			[[OPERATOR, 'command line']]
		);
		const actions = await database.db
			.selectFrom('operator_actions')
			.select(['who', 'action', 'subject', 'why'])
			.orderBy('id', 'desc')
			.limit(2)
			.execute();
		assert.deepEqual(actions, [
			{ who: 'command line', action: 'restored', subject: subject.subject, why: null },
			{ who: OPERATOR, action: 'taken_down', subject: subject.subject, why: 'rules: not music' }
		]);
		for (const change of [
			sql`delete from operator_actions`,
			sql`update operator_actions set who = 'nobody'`,
			sql`truncate operator_actions`
		]) {
			await assert.rejects(change.execute(database.db), /stays/);
		}
	});

	it('finds a track by its id, its record and its page, and an account by all its names', async () => {
		const { subject } = await track(song);
		for (const address of [
			subject,
			`https://plyr.example/track/${song}?t=1`,
			`https://plyr.example/at/${subject}`
		]) {
			assert.equal((await findTrackToModerate(ctx, address)).subject, subject, address);
		}
		for (const address of [ALICE, '@Alice.test', 'https://plyr.example/u/alice.test/album/x']) {
			assert.equal((await findAccountToModerate(ctx, address)).subject, ALICE, address);
		}
		await assert.rejects(findTrackToModerate(ctx, '999999'), { status: 404 });
		await assert.rejects(findAccountToModerate(ctx, 'nobody.test'), { status: 404 });
	});
});
