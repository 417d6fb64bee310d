import assert from 'node:assert/strict';
import { it } from 'node:test';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { describeWithS3 } from '#lib/server/storage/contract/bucket.ts';
import { checkWorld } from '../torture/check-world.ts';
import { type AtRest, runTorture } from '../torture/run-torture.ts';

/** `TORTURE_SEED=7 npm test -- torture` tries another order of things; `TORTURE_ROUNDS` more of it. */
const seed = process.env['TORTURE_SEED'] ?? '1';
const rounds = Number(process.env['TORTURE_ROUNDS'] ?? 2);

describeWithS3('killed at random moments while artists work', () => {
	it(
		`every track has one record, one row and its bytes (seed ${seed}, ${rounds} rounds)`,
		{ timeout: 300_000 },
		async () => {
			const said: string[] = [];
			const report = await runTorture({
				seed,
				rounds,
				storage: 's3',
				say: (text) => said.push(text),
				inspect: findsDamage
			});
			const facts = JSON.stringify({ ...report.counts, ...report.actions });
			const lines = report.violations.map(({ kind, about }) => `${kind}: ${about}`);
			assert.deepEqual(lines, [], `seed ${seed}: ${facts}`);
			const { tracks = 0, records, staged, releases = 0 } = report.counts;
			assert.ok(tracks > 0 && releases > 0, facts);
			assert.deepEqual([records, staged], [tracks, 0], facts);
		}
	);
});

/** The same check, in the real world, after each kind of harm was done to it by hand. */
async function findsDamage({ ctx, look, artists }: AtRest): Promise<void> {
	const site = recordSite(ctx.config);
	const kinds = async () => checkWorld(await look(), site).map(({ kind }) => kind);
	assert.deepEqual(await kinds(), []);

	await ctx.storage.put('audio/0000000000000000.mp3', Buffer.from('stray'), {
		contentType: 'audio/mpeg'
	});
	assert.deepEqual(await kinds(), ['object_without_row']);
	await ctx.storage.delete('audio/0000000000000000.mp3');

	const { storage_key: key } = await ctx.db
		.selectFrom('audio_files')
		.select('storage_key')
		.executeTakeFirstOrThrow();
	await ctx.storage.delete(key);
	assert.deepEqual(await kinds(), ['file_without_object']);
	await ctx.storage.put(key, Buffer.from('other bytes'), { contentType: 'audio/mpeg' });
	assert.deepEqual(await kinds(), ['object_of_another_size']);

	const repo = artists[0]?.did ?? '';
	const { com } = await ctx.oauth.agentFor(repo);
	const record = { $type: site.trackCollection, title: 'by another program' };
	await com.atproto.repo.createRecord({ repo, collection: site.trackCollection, record });
	assert.deepEqual((await kinds()).toSorted(), ['object_of_another_size', 'record_without_row']);
}
