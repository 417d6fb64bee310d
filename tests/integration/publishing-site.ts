import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import { readConfig } from '#lib/server/config.ts';
import { type Context, createContext } from '#lib/server/context.ts';
import type { UploadFields } from '#lib/server/db/schema.ts';
import { createLogger } from '#lib/server/log.ts';
import { acceptUpload, createUpload } from '#lib/server/uploads/accept.ts';
import { findUpload, type UploadRow } from '#lib/server/uploads/queries.ts';
import { layReadyCluster } from '#lib/server/testing/ready-cluster.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { type RunningNetwork, startTestNetwork } from '../../dev/testing/test-network.ts';
import { signInAs } from './local-people.ts';

export type Person = 'alice' | 'bob' | 'carol';

/** The whole application without its pages, on a real PDS, PostgreSQL, transcoder and storage. */
export interface PublishingSite {
	ctx: Context;
	/** may be replaced by the test that stopped it */
	network: RunningNetwork;
	dataDir: string;
	/** what the application was started with */
	env: Record<string, string>;
	/** every line it logged */
	logged: Record<string, unknown>[];
	/** signs somebody in through the pages of their PDS and makes their profile. @returns their did */
	signIn(person: Person): Promise<string>;
	/** as `signIn`. @returns them as a signed-in viewer */
	viewer(person: Person): Promise<Viewer>;
	/** publishes a tone. @returns the track's id, and the file */
	publish(did: string, file?: Partial<FileToSend>): Promise<{ id: number; bytes: Uint8Array }>;
	/** hands a file over as a finished upload. @returns the upload's id */
	send(did: string, file: FileToSend): Promise<string>;
	close(): Promise<void>;
}

export interface FileToSend {
	bytes: Uint8Array;
	fileName: string;
	fields?: UploadFields;
	/** new audio for a track that exists */
	replacesTrackId?: number;
	/** false: without the statement of rights, as a program may */
	hasRights?: boolean;
}

/** Starts everything, in some three seconds. Call `close` in `after`. */
export async function startPublishingSite(
	changes: Record<string, string> = {}
): Promise<PublishingSite> {
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-publish-'));
	const dataDir = path.join(dir, 'data');
	// open to the user postgres runs as: the database stays in here and goes with it
	await chmod(dir, 0o755);
	await mkdir(dataDir, { mode: 0o755 });
	const [network] = await Promise.all([
		startTestNetwork({ dir: path.join(dir, 'network') }),
		layReadyCluster(path.join(dataDir, 'postgres'))
	]);
	const env = { ...siteEnvironment(network, dataDir), ...changes };
	const logged: Record<string, unknown>[] = [];
	const log = createLogger('debug', (line) =>
		logged.push(JSON.parse(line) as Record<string, unknown>)
	);
	const ctx = await createContext(readConfig(env), log).catch(async (cause: unknown) => {
		await network.stop();
		await rm(dir, { recursive: true, force: true });
		throw cause;
	});
	const site: PublishingSite = {
		ctx,
		network,
		dataDir,
		env,
		logged,
		signIn: (person) => signInWithProfile(ctx, person),
		viewer: async (person) => ({
			did: await signInWithProfile(ctx, person),
			handle: `${person}.test`,
			displayName: `${person} the artist`,
			avatarUrl: null
		}),
		publish: (did, file) => publishTone(ctx, did, file),
		send: (did, file) => sendFile(ctx, did, file),
		async close() {
			await ctx.dispose();
			await site.network.stop();
			await rm(dir, { recursive: true, force: true });
		}
	};
	return site;
}

export const siteEnvironment = (
	network: Pick<RunningNetwork, 'plcUrl' | 'pdsUrl'>,
	dataDir: string
): Record<string, string> => ({
	DATA_DIR: dataDir,
	PORT: '3999',
	ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
	ATPROTO_PLC_URL: network.plcUrl,
	ATPROTO_HANDLE_RESOLVER_URL: network.pdsUrl,
	DEV_ALLOW_INSECURE_NETWORK: 'true'
});

export async function signInWithProfile(ctx: Context, person: Person): Promise<string> {
	const { did } = await signInAs(ctx.oauth, person);
	await ctx.db
		.insertInto('artists')
		.values({ did, handle: `${person}.test`, display_name: `${person} the artist` })
		.onConflict((conflict) => conflict.doNothing())
		.execute();
	return did;
}

export async function sendFile(ctx: Context, did: string, file: FileToSend): Promise<string> {
	const { bytes, fileName, fields = {} } = file;
	const upload = await ctx.db.transaction().execute((trx) =>
		createUpload(trx, {
			artistDid: did,
			fileName,
			fields,
			sizeBytes: bytes.byteLength,
			expiresAt: null,
			idempotencyKey: null,
			replacesTrackId: file.replacesTrackId,
			rightsConfirmedAt: (file.hasRights ?? true) ? new Date() : null
		})
	);
	await ctx.storage.staging.append(upload.id, 0, bytes);
	await acceptUpload(ctx, upload, { ...hashOf(bytes), fields });
	return upload.id;
}

async function publishTone(ctx: Context, did: string, file: Partial<FileToSend> = {}) {
	const bytes = file.bytes ?? (await makeSample('mp3', { seconds: 1, hertz: anyPitch() }));
	const fields = { title: 'a song', ...file.fields };
	const id = await sendFile(ctx, did, { fileName: 'a.mp3', ...file, bytes, fields });
	const upload = await waitForUpload(ctx, id);
	assert.equal(upload.status, 'completed', upload.error ?? upload.message);
	return { id: upload.track_id ?? 0, bytes };
}

export const hashOf = (bytes: Uint8Array) => ({
	sha256: createHash('sha256').update(bytes).digest('hex'),
	sizeBytes: bytes.byteLength
});

/** Waits until an upload is as wanted; fails with what it is instead. */
export async function waitForUpload(
	ctx: Pick<Context, 'db'>,
	id: string,
	isWanted: (row: UploadRow) => boolean = (row) =>
		['completed', 'failed', 'waiting'].includes(row.status),
	limitMs = 30_000
): Promise<UploadRow> {
	const end = Date.now() + limitMs;
	for (;;) {
		const row = await findUpload(ctx.db, id);
		if (row && isWanted(row)) return row;
		if (Date.now() > end) {
			const seen = row && [row.status, row.stage, row.message, row.error];
			throw new Error(`the upload is not as wanted: ${JSON.stringify(seen)}`);
		}
		await sleep(50);
	}
}

export interface ListedRecord {
	uri: string;
	cid: string;
	value: Record<string, unknown>;
}

/** Everybody can read these at the PDS, without signing in. */
export async function listTrackRecords(pdsUrl: string, did: string): Promise<ListedRecord[]> {
	const url = new URL('/xrpc/com.atproto.repo.listRecords', pdsUrl);
	url.searchParams.set('repo', did);
	url.searchParams.set('collection', 'fm.plyr.dev.track');
	url.searchParams.set('limit', '100');
	const response = await fetch(url);
	const { records } = (await response.json()) as { records: ListedRecord[] };
	return records;
}

/** Every published object, by key. */
export async function listObjects(ctx: Pick<Context, 'storage'>): Promise<string[]> {
	const keys: string[] = [];
	for await (const { key } of ctx.storage.list('')) keys.push(key);
	return keys.sort();
}

/** Every staged upload. */
async function listStaged(ctx: Pick<Context, 'storage'>): Promise<string[]> {
	const ids: string[] = [];
	for await (const { id } of ctx.storage.staging.list()) ids.push(id);
	return ids;
}

/** Nothing waits in staging, or will in a moment: it is cleared right after a row says that it can be. */
export async function waitForEmptyStaging(ctx: Pick<Context, 'storage'>): Promise<void> {
	for (let i = 0; i < 200 && (await listStaged(ctx)).length > 0; i++) await sleep(100);
	assert.deepEqual(await listStaged(ctx), [], 'nothing is left in staging');
}

/** A stored object's bytes. */
export async function objectBytes(ctx: Pick<Context, 'storage'>, key: string): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of await ctx.storage.read(key)) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/** A pitch nobody has had: samples with it are new content. */
export const anyPitch = () => 200 + (randomBytes(4).readUInt32BE() % 1_000_000) / 1_000;
