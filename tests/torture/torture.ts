/**
 * Kills the product at random moments while artists upload, edit, replace and delete tracks and
 * albums, on a real database, PDS and storage; then compares every record, row and object. Ends
 * with 1 when anything is not as it should be.
 *   npm run torture [-- --rounds 200 --seed 7 --only s3 --logs FOLDER]
 */
import { parseArgs } from 'node:util';
import { Lifetime } from '../../dev/lifetime.ts';
import { ensureBuilt } from '../../dev/sources.ts';
import { ensureTestNeeds } from '../../dev/testing/test-needs.ts';
import { whyNoS3Server } from '../../dev/s3-server.ts';
import { runTorture, type TortureReport } from './run-torture.ts';
import type { StorageKind } from './site.ts';

const { values: options } = parseArgs({
	options: {
		rounds: { type: 'string', default: '200' },
		seed: { type: 'string', default: String(Date.now() % 100_000) },
		only: { type: 'string', default: '' },
		logs: { type: 'string' }
	}
});

const say = (text: string) => process.stdout.write(`${text}\n`);

function print(storage: StorageKind, { counts, actions, violations }: TortureReport): void {
	say(`\nwith the storage ${storage}:`);
	console.table(counts);
	console.table(actions);
	for (const { kind, about } of violations) say(`${kind}: ${about}`);
	say(
		violations.length === 0 ? 'everything is as it should be' : `${violations.length} violations`
	);
}

const storages = (['s3', 'filesystem'] as const).filter((one) => one.includes(options.only));
const lifetime = new Lifetime();
await ensureTestNeeds(lifetime);
const reason = whyNoS3Server();
if (reason && storages.includes('s3')) throw new Error(reason);
await ensureBuilt(lifetime);
say(`seed ${options.seed}`);
let violations = 0;
for (const storage of storages) {
	const rounds = Math.ceil(Number(options.rounds) / storages.length);
	const { seed, logs: logDir } = options;
	const report = await runTorture({ seed, rounds, storage, say, logDir });
	print(storage, report);
	violations += report.violations.length;
}
process.exitCode = violations === 0 ? 0 : 1;
