import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { reserveNetworkPorts } from './network-ports.ts';
import type { NetworkMessage } from './network-messages.ts';

// A local AT Protocol network in one process: a PLC directory and a PDS, kept in a directory.
//   node dev/network/network.ts --dir DIR [--plc-port N] [--pds-port N] [--avoid-port N]…
//        [--app-origin https://plyr.internal=http://127.0.0.1:3101] [--pds-public-port N]
//        [--stop-on-stdin-end]

const STOP_LIMIT_MS = 2500;

const { values: options } = parseArgs({
	options: {
		dir: { type: 'string' },
		'plc-port': { type: 'string', default: '0' },
		'pds-port': { type: 'string', default: '0' },
		'avoid-port': { type: 'string', multiple: true, default: [] },
		'app-origin': { type: 'string' },
		'pds-public-port': { type: 'string' },
		'stop-on-stdin-end': { type: 'boolean', default: false }
	}
});

const say = (message: NetworkMessage) => process.stdout.write(JSON.stringify(message) + '\n');

const stopping: (() => Promise<void>)[] = [];
let isStopping = false;
function stop(): void {
	if (isStopping) return;
	isStopping = true;
	// a PDS that still talks to somebody must not keep us: its files survive any death
	setTimeout(() => process.exit(0), STOP_LIMIT_MS).unref();
	void Promise.allSettled(stopping.map((stopPart) => stopPart())).then(() => process.exit(0));
}

async function start(dir: string): Promise<void> {
	await mkdir(dir, { recursive: true });
	const ports = await reserveNetworkPorts(dir, {
		plcPort: Number(options['plc-port']),
		pdsPort: Number(options['pds-port']),
		avoidPorts: options['avoid-port'].map(Number)
	});
	const pdsUrl = `http://localhost:${options['pds-public-port'] ?? ports.pds.port}`;
	const plcUrl = `http://localhost:${ports.plc.port}`;
	say({ event: 'addresses', pdsUrl, plcUrl });

	// read once, when the PDS's modules load
	process.env['LOG_ENABLED'] ??= 'false';
	if (options['app-origin']) {
		(await import('./app-origin.ts')).serveOriginFromLoopback(options['app-origin']);
	}
	const { startPlc } = await import('./plc.ts');
	const plc = await startPlc(ports.plc, path.join(dir, 'plc.jsonl'));
	stopping.push(plc.stop);
	const { startPds } = await import('./pds.ts');
	const { loadNetworkSecrets } = await import('./network-secrets.ts');
	const secrets = await loadNetworkSecrets(dir);
	const pds = await startPds({ dir, reserved: ports.pds, url: pdsUrl, plcUrl, secrets });
	stopping.push(() => pds.destroy());
	const { announceAddress, seedAccounts } = await import('./accounts.ts');
	const movedAccounts = await announceAddress(pds, pdsUrl, plc.log);
	const accounts = await seedAccounts(pds, pdsUrl);
	say({ event: 'ready', pdsUrl, plcUrl, movedAccounts, accounts });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
if (options['stop-on-stdin-end']) process.stdin.on('end', stop).resume();
if (!options.dir) throw new Error('say where the network keeps its data: --dir DIR');
await start(path.resolve(options.dir));
