import { createSocket } from 'node:dgram';
import type dns from 'node:dns';
import { Resolver } from 'node:dns';
import { once } from 'node:events';

/** A name server whose answers change: what it is asked is answered with the next list of addresses. */
export interface NameServer {
	/** makes addresses of names as `dns.lookup` does, but asks this server */
	lookup: typeof dns.lookup;
	/** how many questions it was asked; of IPv4 and IPv6 together */
	questions(): number;
	close(): void;
}

const TYPE_A = 1;
const TYPE_AAAA = 28;
const HEADER_BYTES = 12;

/**
 * Starts one on UDP, at this machine. RFC 1035 §4.
 * @param zone names, each with what the first look-up, the second one… finds; the last answer stays
 */
export async function startNameServer(zone: Record<string, string[][]>): Promise<NameServer> {
	const socket = createSocket('udp4');
	const lookUps = new Map<string, number>();
	let questions = 0;
	socket.on('message', (question, { address, port }) => {
		questions++;
		const { name, type, end } = readQuestion(question);
		const answers = zone[name] ?? [];
		// of one look-up both kinds are asked; the count is that of the first kind
		const count = lookUps.get(name) ?? 0;
		if (type === TYPE_A) lookUps.set(name, count + 1);
		const at = type === TYPE_A ? count : Math.max(0, (lookUps.get(name) ?? 1) - 1);
		const addresses = answers[Math.min(at, answers.length - 1)] ?? [];
		const isIpv6 = type === TYPE_AAAA;
		const found = addresses.filter((one) => one.includes(':') === isIpv6);
		socket.send(answerOf(question.subarray(0, end), type, found), port, address);
	});
	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	const resolver = new Resolver({ timeout: 1_000, tries: 2 });
	resolver.setServers([`127.0.0.1:${socket.address().port}`]);
	const lookup = ((name: string, _options: unknown, callback: Answered) => {
		void resolveBoth(resolver, name).then(
			(addresses) => callback(null, addresses),
			(cause: unknown) => callback(cause as Error, [])
		);
	}) as unknown as typeof dns.lookup;
	return { lookup, questions: () => questions, close: () => socket.close() };
}

type Answered = (error: Error | null, addresses: dns.LookupAddress[]) => void;

async function resolveBoth(resolver: Resolver, name: string): Promise<dns.LookupAddress[]> {
	const ask = (family: 4 | 6) =>
		new Promise<dns.LookupAddress[]>((resolve) => {
			const resolved = (_error: Error | null, found: string[] | undefined) =>
				resolve((found ?? []).map((address) => ({ address, family })));
			if (family === 4) resolver.resolve4(name, resolved);
			else resolver.resolve6(name, resolved);
		});
	const ipv4 = await ask(4);
	const addresses = [...ipv4, ...(await ask(6))];
	if (addresses.length === 0) throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
	return addresses;
}

function readQuestion(message: Buffer): { name: string; type: number; end: number } {
	const labels: string[] = [];
	let at = HEADER_BYTES;
	for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
		labels.push(message.toString('latin1', at + 1, at + 1 + length));
		at += length + 1;
	}
	return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

/** Nothing of it may be kept: its time to live is 0. */
function answerOf(question: Buffer, type: number, addresses: readonly string[]): Buffer {
	const header = Buffer.from(question.subarray(0, HEADER_BYTES));
	header.writeUInt16BE(0x8580, 2);
	header.writeUInt16BE(addresses.length, 6);
	header.writeUInt16BE(0, 8);
	header.writeUInt16BE(0, 10);
	const records = addresses.map((address) => {
		const bytes = bytesOf(address);
		const record = Buffer.alloc(12);
		// the name is the one of the question
		record.writeUInt16BE(0xc00c, 0);
		record.writeUInt16BE(type, 2);
		record.writeUInt16BE(1, 4);
		record.writeUInt16BE(bytes.length, 10);
		return Buffer.concat([record, bytes]);
	});
	return Buffer.concat([header, question.subarray(HEADER_BYTES), ...records]);
}

function bytesOf(address: string): Buffer {
	if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
	// the URL parser writes an embedded IPv4 address in hexadecimal
	const { hostname } = new URL(`http://[${address}]/`);
	const [head = '', tail = ''] = hostname.slice(1, -1).split('::');
	const groups = (text: string) => (text === '' ? [] : text.split(':'));
	const [first, last] = [groups(head), groups(tail)];
	const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
	const all = [...first, ...zeros, ...last].map((group) => parseInt(group, 16));
	return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
