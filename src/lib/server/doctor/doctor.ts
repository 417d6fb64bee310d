import { ConfigError, type Config, readConfig } from '#lib/server/config.ts';
import { examineDatabase, examineForm, openExamined } from './database.ts';
import { examineDisk } from './disk.ts';
import { fault, type Finding, reasonOf, within } from './finding.ts';
import { examineJobs } from './jobs.ts';
import { examineKeys } from './keys.ts';
import { examineNetwork } from './network.ts';
import { examinePooler } from './pooler.ts';
import { examinePublicAddress } from './public-address.ts';
import { examineReplica } from './replica.ts';
import { examineStorage } from './storage.ts';
import { examineTranscoder } from './transcoder.ts';

const PART_LIMIT_MS = 60_000;

/**
 * Examines a site part by part, those first that others stand on, so that the first fault is the one to
 * mend first. What stands on a broken part is left out.
 * @param env as the application gets it
 */
export async function* examine(env: NodeJS.ProcessEnv): AsyncGenerator<Finding> {
	let config: Config;
	try {
		config = readConfig(env);
	} catch (cause) {
		if (!(cause instanceof ConfigError)) throw cause;
		for (const { variable, reason, example } of cause.problems) {
			yield fault('configuration', `${variable} ${reason}`, `for example ${variable}=${example}`);
		}
		return;
	}
	const disk = await part('disk', () => examineDisk(config));
	yield* disk;
	if (disk.some(isFault)) return;
	yield* examineStored(config);
	yield* await part('storage', () => examineStorage(config.storage));
	yield* await part('transcoder', () => examineTranscoder(config));
	yield* await part('network', () => examineNetwork(config));
	const address = await part('address', () => examinePublicAddress(config));
	yield* address;
	const isRunning = address.some(({ state }) => state === 'ok');
	// a site that does not run has no worker either
	if (isRunning) yield* await part('jobs', () => examineJobs(config));
}

/** The database, and what is in it. */
async function* examineStored(config: Config): AsyncGenerator<Finding> {
	const opened = await openExamined(config);
	if ('state' in opened) {
		yield opened;
		return;
	}
	try {
		const { database } = opened;
		const pooled = await part('database', () => examinePooler(config, database));
		yield* pooled;
		if (pooled.some(isFault)) return;
		const findings = await part('database', () => examineDatabase(database));
		yield* findings;
		if (findings.some(isFault)) return;
		const form = await part('database', () => examineForm(database));
		yield* form;
		const isMade = form.every(({ state }) => state === 'ok');
		yield* await part('replica', () => examineReplica(config, database));
		if (isMade) yield* await part('keys', () => examineKeys(config, database.db));
	} finally {
		await opened.close();
	}
}

const isFault = ({ state }: Finding): boolean => state === 'fault';

/** An examination that breaks is a finding as well. */
async function part(name: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
	try {
		return await within(PART_LIMIT_MS, look());
	} catch (cause) {
		return [fault(name, `it could not be examined: ${reasonOf(cause)}`, 'mend that first')];
	}
}
