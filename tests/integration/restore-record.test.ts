import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AtpAgent } from '@atproto/api';
import type { Viewer } from '#lib/auth/viewer.ts';
import { answerBroken, answerRestoreRecord } from '#lib/server/catalogue/catalogue-api.ts';
import { DomainError } from '#lib/server/errors.ts';
import { otherClient } from './catalogue-steps.ts';
import { openWithScope, signInAlice } from './other-scope.ts';
import { listTrackRecords, type PublishingSite, startPublishingSite } from './publishing-site.ts';

describe('a record that is to be restored and is refused', { timeout: 120_000 }, () => {
	let site: PublishingSite;
	let alice: Viewer;
	let id: number;

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		({ id } = await site.publish(alice.did, { fields: { title: 'lost', isUnlisted: true } }));
		await (await otherClient(site.ctx, alice.did)).deletes(id);
	});
	after(() => site.close());

	const restore = () => answerRestoreRecord(site.ctx, alice, String(id));
	const refusal = async () => {
		try {
			await restore();
		} catch (cause) {
			assert.ok(cause instanceof DomainError, String(cause));
			return cause;
		}
		return assert.fail('it was restored');
	};
	/** What needs attention, and why it could not be repaired. */
	const attention = async () =>
		(await answerBroken(site.ctx, alice)).tracks.flatMap((track) =>
			track.problems.map(({ kind, status, error }) => ({ id: track.id, kind, status, error }))
		);

	it('because it does not fit is told so, and needs attention with the reason', async () => {
		const title = (text: string) =>
			site.ctx.db.updateTable('tracks').set({ title: text }).where('id', '=', id).execute();
		await title('x'.repeat(5_000));
		const { status, code, message } = await refusal();
		assert.deepEqual([status, code], [422, 'record_invalid']);
		assert.match(message, /does not fit its lexicon: .*title/);
		assert.deepEqual(await attention(), [
			{ id, kind: 'record_missing', status: 'failed', error: message }
		]);
		await title('lost');
	});

	it('by the server of its artist is told so with the server’s words, and needs attention', async () => {
		const narrow = await openWithScope(site.ctx, 'atproto repo:fm.plyr.dev.like');
		await signInAlice(narrow.ctx);
		const { status, code, message } = await refusal();
		await narrow.close();
		assert.deepEqual([status, code], [403, 'record_refused']);
		assert.match(message, /^your personal data server refused it: .*fm\.plyr\.dev\.track/);
		assert.deepEqual(await attention(), [
			{ id, kind: 'record_missing', status: 'failed', error: message }
		]);
	});

	it('because its repository cannot even be read is told so', async () => {
		const agent = new AtpAgent({ service: site.network.pdsUrl });
		await agent.login({ identifier: 'alice.test', password: 'alice-pass' });
		await agent.com.atproto.server.deactivateAccount({});
		const { status, code, message } = await refusal();
		await agent.com.atproto.server.activateAccount();
		assert.deepEqual([status, code], [400, 'record_refused']);
		assert.match(message, /^your personal data server refused it: \w/);
		assert.equal((await attention()).length, 1);
	});

	it('is restored when nothing refuses it any more, as it was, and needs no attention', async () => {
		await signInAlice(site.ctx);
		const { restored_uri: uri } = await restore();
		const records = await listTrackRecords(site.network.pdsUrl, alice.did);
		const [record] = records;
		assert.deepEqual([records.length, record?.uri, record?.value['unlisted']], [1, uri, true]);
		assert.deepEqual(await attention(), []);
	});
});
