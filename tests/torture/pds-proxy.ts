import { once } from 'node:events';
import {
	createServer,
	request as open,
	type IncomingMessage,
	type ServerResponse
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../dev/music/random.ts';

/** What can happen to a call. The last two leave the caller in the dark about whether it was done. */
const TROUBLES = ['turned away', 'slow answer', 'answer lost'] as const;
type Trouble = 'none' | (typeof TROUBLES)[number];
const TROUBLED_PART = 0.4;

const TROUBLED_CALLS = /^\/xrpc\/com\.atproto\.repo\.(?:put|get|delete|create)Record|\.applyWrites/;
const SLOWEST_ANSWER_MS = 1_500;

/** Stands before a PDS, and while it is asked to, loses, delays and refuses what passes. */
export interface PdsProxy {
	port: number;
	/** how often each happened */
	troubles: Record<Trouble, number>;
	setTroubled(isTroubled: boolean): void;
	close(): Promise<void>;
}

/** Starts it before a PDS that may begin to listen on `pdsPort` later. It does nothing at first. */
export async function startPdsProxy(pdsPort: number, random: Random): Promise<PdsProxy> {
	const troubles = { none: 0, 'turned away': 0, 'slow answer': 0, 'answer lost': 0 };
	let isTroubled = false;
	const server = createServer((incoming, outgoing) => {
		// whoever called may be dead before they are answered
		for (const stream of [incoming, outgoing]) stream.on('error', () => undefined);
		let trouble: Trouble = 'none';
		if (isTroubled && TROUBLED_CALLS.test(incoming.url ?? '')) {
			trouble = random.chance(TROUBLED_PART) ? random.pick(TROUBLES) : 'none';
			troubles[trouble]++;
		}
		if (trouble === 'turned away') outgoing.writeHead(503).end();
		else pass(pdsPort, incoming, outgoing, trouble, random.next() * SLOWEST_ANSWER_MS);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		port: (server.address() as AddressInfo).port,
		troubles,
		setTroubled: (value) => (isTroubled = value),
		async close() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		}
	};
}

/** The PDS does what it was asked to in any case; then the answer goes its way. */
function pass(
	port: number,
	incoming: IncomingMessage,
	outgoing: ServerResponse,
	trouble: Trouble,
	delayMs: number
): void {
	const { method, url: path, headers } = incoming;
	const toPds = open({ host: '127.0.0.1', port, method, path, headers });
	toPds.on('error', () => outgoing.destroy());
	toPds.once('response', (answer: IncomingMessage) => {
		answer.on('error', () => outgoing.destroy());
		if (trouble === 'answer lost') {
			answer.resume().once('end', () => outgoing.destroy());
			return;
		}
		void sleep(trouble === 'slow answer' ? delayMs : 0).then(() => {
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(outgoing);
		});
	});
	incoming.pipe(toPds);
}
