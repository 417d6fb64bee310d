import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { repairOwnProblem } from '#lib/server/catalogue/catalogue.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { check, otherClient, problems, settled } from './catalogue-steps.ts';
import { type PublishingSite, startPublishingSite } from './publishing-site.ts';

/** What cannot be kept, what rings and turns, and what turns the direction of all that follows. */
const UNSEEN = '\u0000\u0007\u001b[31m\u009f\u202e\u2066';

describe('a record another program has written with what nobody can see', () => {
	let site: PublishingSite;
	let alice: Viewer;
	let elsewhere: Awaited<ReturnType<typeof otherClient>>;

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		elsewhere = await otherClient(site.ctx, alice.did);
	});
	after(() => site.close());

	/** What its record says is taken over, as its artist chooses on the page of the catalogue. */
	async function takeOver(id: number, change: Record<string, unknown>) {
		await elsewhere.edits(id, change);
		await check(site.ctx, alice);
		for (const problem of await problems(site.ctx, alice)) {
			await repairOwnProblem(site.ctx, alice, problem.id, { isConfirmed: true, choice: 'record' });
		}
		await settled(site.ctx, alice);
		assert.deepEqual(await problems(site.ctx, alice), []);
		return await trackRow(site.ctx, id);
	}

	it('is shown without it, and everybody once, and is in order then', async () => {
		const { id } = await site.publish(alice.did, { fields: { title: 'low water' } });
		const row = await takeOver(id, {
			title: `high${UNSEEN}water`,
			album: `${UNSEEN}tides`,
			description: `one${UNSEEN}\ntwo`,
			tags: [`am${UNSEEN}bient`],
			features: [1, 2].map(() => ({
				did: 'did:plc:abcdefghijklmnopqrstuvwx',
				displayName: `bo${UNSEEN}b`
			}))
		});
		assert.equal(row.title, 'high [31m water');
		assert.equal(row.album_title, '[31m tides');
		assert.equal(row.description, 'one [31m \ntwo');
		assert.deepEqual(row.features, [
			{ did: 'did:plc:abcdefghijklmnopqrstuvwx', displayName: 'bo [31m b' }
		]);
		await check(site.ctx, alice);
		assert.deepEqual(await problems(site.ctx, alice), [], 'and no check finds a difference');
	});

	it('does not take a name that cannot be seen, and its page stays as it was', async () => {
		const { id } = await site.publish(alice.did, { fields: { title: 'slack water' } });
		await elsewhere.edits(id, { title: '\u0000\u202e\u200b' });
		await check(site.ctx, alice);
		const [problem, ...others] = await problems(site.ctx, alice);
		assert.deepEqual(others, []);
		assert.equal(problem?.trackId, id);
		assert.equal((await trackRow(site.ctx, id)).title, 'slack water');
	});

	it('is not taken when it is longer than its lexicon allows', async () => {
		const { id } = await site.publish(alice.did, { fields: { title: 'spring tide' } });
		await elsewhere.edits(id, { title: 'w'.repeat(10_000), description: 'w'.repeat(10_000) });
		await check(site.ctx, alice);
		const found = (await problems(site.ctx, alice)).filter(({ trackId }) => trackId === id);
		assert.equal(found.length, 1);
		assert.equal((await trackRow(site.ctx, id)).title, 'spring tide');
	});
});
