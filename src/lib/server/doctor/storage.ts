import { randomBytes, randomUUID } from 'node:crypto';
import type { StorageConfig } from '#lib/server/config.ts';
import { createStorage } from '#lib/server/storage/create-storage.ts';
import { KEY_FOLDER_OF_PROBES } from '#lib/server/storage/keys.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import { fault, type Finding, note, ok, reasonOf, within } from './finding.ts';

const LIMIT_MS = 20_000;
const SIZE_BYTES = 300_000;
const FROM = 1_000;
const TO = 1_999;

/** An object is written, read, read in part, found and removed. */
export async function examineStorage(config: StorageConfig): Promise<Finding[]> {
	const storage = await createStorage(config).catch((cause: unknown) => reasonOf(cause));
	if (typeof storage === 'string') return [broken(config, 'it cannot be opened', storage)];
	try {
		return await within(LIMIT_MS, tryOut(config, storage));
	} catch (cause) {
		return [broken(config, 'it does not do what it should', reasonOf(cause))];
	} finally {
		await storage.close();
	}
}

async function tryOut(config: StorageConfig, storage: Storage): Promise<Finding[]> {
	const key = `${KEY_FOLDER_OF_PROBES}/${randomUUID()}`;
	const bytes = randomBytes(SIZE_BYTES);
	let step = 'written';
	const startedAt = performance.now();
	try {
		await storage.put(key, bytes, { contentType: 'application/octet-stream' });
		step = 'read';
		const whole = await readAll(await storage.read(key));
		if (!whole.equals(bytes)) throw new Error('the bytes are not those that were written');
		step = 'read in part';
		const part = await readAll(await storage.read(key, { start: FROM, end: TO }));
		if (!part.equals(bytes.subarray(FROM, TO + 1))) throw new Error('they are other bytes');
		step = 'fetched as a browser does it';
		const findings = await fetchAsBrowser(storage, key, bytes);
		if (config.backend === 's3' && config.isPrivate) {
			step = 'tried without a signature';
			findings.push(...(await fetchUnsigned(config.bucket, await storage.browserUrl(key))));
		}
		step = 'removed';
		await storage.delete(key);
		if ((await storage.head(key)) !== null) throw new Error('it is still there');
		const ms = Math.round(performance.now() - startedAt);
		return [
			ok('storage', `${config.backend} keeps, reads and removes an object (${ms} ms)`),
			...findings
		];
	} catch (cause) {
		await storage.delete(key).catch(() => undefined);
		return [broken(config, `an object cannot be ${step}`, reasonOf(cause))];
	}
}

/** Where a browser gets it from the bucket itself, parts of it and other pages' scripts work there too. */
async function fetchAsBrowser(storage: Storage, key: string, bytes: Buffer): Promise<Finding[]> {
	const url = await storage.browserUrl(key);
	if (url === null) return [];
	const origin = 'https://elsewhere.example';
	const response = await fetch(url, { headers: { range: `bytes=${FROM}-${TO}`, origin } });
	const body = Buffer.from(await response.arrayBuffer());
	if (!response.ok) throw new Error(`${new URL(url).origin} answers ${response.status}`);
	if (response.status !== 206 || !body.equals(bytes.subarray(FROM, TO + 1))) {
		throw new Error(`${new URL(url).origin} does not give a part of it`);
	}
	const allowed = response.headers.get('access-control-allow-origin');
	if (allowed === '*' || allowed === origin) return [ok('storage', 'browsers reach it')];
	return [
		note(
			'storage',
			`${new URL(url).origin} lets no other page read it`,
			'set a cors rule on the bucket: any origin, GET and HEAD, the header range'
		)
	];
}

/** What is private is given to nobody who has no signature. */
async function fetchUnsigned(bucket: string, signed: string | null): Promise<Finding[]> {
	if (signed === null) return [];
	const url = new URL(signed);
	url.search = '';
	const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
	await response.body?.cancel();
	if (!response.ok) return [ok('storage', 'nobody reads it without a signature')];
	return [
		fault(
			'storage',
			`STORAGE_PRIVATE is true, and everybody can read the bucket ${bucket}`,
			`take public reading away from the bucket ${bucket} (its policy, its acl, its public address)`
		)
	];
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
	return Buffer.from(await new Response(stream).arrayBuffer());
}

const broken = (config: StorageConfig, what: string, reason: string): Finding =>
	fault('storage', `${what}: ${reason}`, cureOf(config, reason));

function cureOf(config: StorageConfig, reason: string): string {
	if (config.backend === 'filesystem') {
		if (/ENOSPC/.test(reason)) return 'make room, or set STORAGE_DIR to a larger disk';
		return `let the user ${process.getuid?.()} write in ${config.dir}, or set STORAGE_DIR to a folder of theirs`;
	}
	if (/NoSuchBucket/.test(reason)) return `make the bucket ${config.bucket}, or correct S3_BUCKET`;
	if (/InvalidAccessKeyId|SignatureDoesNotMatch|Unauthorized/.test(reason)) {
		return 'correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
	}
	if (/AccessDenied|Forbidden/.test(reason)) {
		return `let the key read, write, list and delete in ${config.bucket}, and check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
	}
	if (/RequestTimeTooSkewed/.test(reason)) return 'let this machine keep time by ntp';
	if (/answers \d|a part of it|fetch failed/.test(reason)) {
		return 'let S3_PUBLIC_URL be the public address of the bucket, or leave it out for signed addresses';
	}
	return 'check S3_ENDPOINT_URL, S3_REGION and S3_FORCE_PATH_STYLE, and that this machine reaches the service';
}
