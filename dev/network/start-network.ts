import { createInterface } from 'node:readline';
import path from 'node:path';
import { startChild, type Child } from '../child.ts';
import type { LocalAccount } from './accounts.ts';
import { networkMessage, type NetworkMessage } from './network-messages.ts';

export type NetworkOptions = {
	/** where accounts, records and keys live; the same directory is the same network */
	dir: string;
	/** wished ports, used when free; without one the last run's, else any */
	plcPort?: number;
	pdsPort?: number;
	/** ports to leave alone, even if the last run had them */
	avoidPorts?: number[];
	/** "https://plyr.internal=http://127.0.0.1:3101": see app-origin.ts */
	appOrigin?: string;
	/** of a proxy before the PDS: the address everybody knows it by */
	pdsPublicPort?: number;
};

export type NetworkAddresses = { pdsUrl: string; plcUrl: string };

export type LocalNetwork = NetworkAddresses & {
	/** alice.test, bob.test and carol.test with their passwords */
	accounts: LocalAccount[];
	/** how many accounts have another PDS address than before */
	movedAccounts: number;
};

export type NetworkProcess = {
	/** within a blink: the addresses are taken, nobody answers there yet */
	addresses: Promise<NetworkAddresses>;
	/** everything answers */
	ready: Promise<LocalNetwork>;
	child: Child;
	stop: () => Promise<void>;
};

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 4000;
const KEPT_ERROR_CHARACTERS = 4000;

/** A test run has it as one file, which is quicker to start: see dev/testing/bundle-network.ts. */
const program = (): string =>
	process.env['PLYR_NETWORK_PROGRAM'] ?? path.join(import.meta.dirname, 'network.ts');

const argumentsOf = (options: NetworkOptions): string[] => [
	program(),
	'--stop-on-stdin-end',
	...['--dir', options.dir],
	...['--plc-port', String(options.plcPort ?? 0)],
	...['--pds-port', String(options.pdsPort ?? 0)],
	...(options.avoidPorts ?? []).flatMap((port) => ['--avoid-port', String(port)]),
	...(options.appOrigin ? ['--app-origin', options.appOrigin] : []),
	...(options.pdsPublicPort ? ['--pds-public-port', String(options.pdsPublicPort)] : [])
];

function keepErrors(child: Child): () => string {
	let text = '';
	child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
		text = (text + chunk).slice(-KEPT_ERROR_CHARACTERS);
	});
	return () => text.trim();
}

/** The first message of a kind; fails when the process ends or is silent for too long. */
function messageFrom<E extends NetworkMessage['event']>(
	child: Child,
	lines: NodeJS.EventEmitter,
	event: E,
	errors: () => string
): Promise<Extract<NetworkMessage, { event: E }>> {
	return new Promise((resolve, reject) => {
		const fail = (why: string) =>
			reject(new Error(`the local network ${why}: ${errors() || 'it said nothing'}`));
		const timer = setTimeout(() => fail('took too long to start'), READY_LIMIT_MS);
		lines.on('line', (line: string) => {
			const message = networkMessage.parse(JSON.parse(line));
			if (message.event !== event) return;
			clearTimeout(timer);
			resolve(message as Extract<NetworkMessage, { event: E }>);
		});
		void child.exited.then(({ code, signal }) => {
			clearTimeout(timer);
			fail(`stopped (${code ?? signal})`);
		});
	});
}

/** Starts the network's process; for those who want its addresses before it is ready. */
export function spawnNetwork(options: NetworkOptions): NetworkProcess {
	const child = startChild(argumentsOf(options));
	const errors = keepErrors(child);
	const lines = createInterface({ input: child.stdout });
	const addresses = messageFrom(child, lines, 'addresses', errors);
	const ready = messageFrom(child, lines, 'ready', errors);
	// whoever waits for one of them only must not be hurt by the other
	for (const promise of [addresses, ready]) promise.catch(() => undefined);
	const stop = async () => {
		await child.stop(STOP_LIMIT_MS);
	};
	return { addresses, ready, child, stop };
}

/**
 * Starts a PLC directory and a PDS as a process of their own and waits until they answer (about
 * three seconds). Call `stop` when done; they also end when this process does.
 */
export async function startNetwork(
	options: NetworkOptions
): Promise<LocalNetwork & { stop: () => Promise<void> }> {
	const network = spawnNetwork(options);
	const { pdsUrl, plcUrl, accounts, movedAccounts } = await network.ready;
	return { pdsUrl, plcUrl, accounts, movedAccounts, stop: network.stop };
}
