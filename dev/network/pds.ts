import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { Server as Listener } from 'node:net';
import path from 'node:path';
import { PDS } from '@atproto/pds';
import type { NetworkSecrets } from './network-secrets.ts';
import type { ReservedPort } from './reserve-port.ts';

/** A personal blob may be as large as a whole song. */
const BLOB_LIMIT_BYTES = 100 * 1024 * 1024;

/** The PDS asks DNS for handles; those of its own accounts, ending in .test, only it knows. */
function resolveOwnHandles({ idResolver, accountManager }: PDS['ctx']): void {
	const resolver = idResolver.handle;
	const resolveByDns = resolver.resolve.bind(resolver);
	resolver.resolve = async (handle) => {
		if (!handle.endsWith('.test')) return resolveByDns(handle);
		return (await accountManager.getAccount(handle as `${string}.test`))?.did;
	};
}

/**
 * The PDS would listen on every interface. Its `listen` is wrapped, not replaced: the server of the
 * event stream hooks into it.
 */
function listenOnReserved(pds: PDS, listener: Listener): void {
	const app = pds.app as unknown as { listen(target: unknown): Server };
	const listen = app.listen.bind(app);
	app.listen = () => listen(listener);
}

/**
 * Starts a real PDS with its sign-in pages on loopback; accounts, records and sessions live in
 * `dir`. The address is always `http://localhost:…`, the only http one its sign-in accepts.
 */
export async function startPds(options: {
	dir: string;
	reserved: ReservedPort;
	/** where others reach it: `http://localhost:…` of the reserved port, or of what stands before it */
	url: string;
	plcUrl: string;
	secrets: NetworkSecrets;
}): Promise<PDS> {
	const within = (name: string) => path.join(options.dir, name);
	for (const name of ['pds', 'blobs', 'blobs-tmp']) await mkdir(within(name), { recursive: true });
	const pds = await PDS.fromEnv({
		...options.secrets,
		devMode: true,
		hostname: 'localhost',
		port: Number(new URL(options.url).port),
		dataDirectory: within('pds'),
		blobstoreDiskLocation: within('blobs'),
		blobstoreDiskTmpLocation: within('blobs-tmp'),
		blobUploadLimit: BLOB_LIMIT_BYTES,
		didPlcUrl: options.plcUrl,
		serviceHandleDomains: ['.test'],
		inviteRequired: false,
		serviceName: 'local network',
		primaryColor: '#4a7ddd'
	});
	resolveOwnHandles(pds.ctx);
	listenOnReserved(pds, options.reserved.listener);
	await pds.start();
	return pds;
}
