/**
 * Asks a server for pages in a process of its own: what asking costs is not counted among what
 * answering costs. Gets one PageLoad as a message and answers with a PageResult.
 */
import { Agent, get } from 'node:http';

export interface PageLoad {
	origin: string;
	/** asked for in turns */
	paths: string[];
	headers: Record<string, string>;
	connections: number;
	durationMs: number;
}

export interface PageResult {
	/** of each answer, from the question to its last byte */
	timesMs: number[];
	requestsPerSecond: number;
	/** of an answer, the mean */
	bytes: number;
}

const ANSWER_LIMIT_MS = 30_000;

/** @returns the size of the answer. @throws Error when it is not 200 */
function ask(url: string, headers: Record<string, string>, agent: Agent): Promise<number> {
	return new Promise((resolve, reject) => {
		const request = get(url, { agent, headers, timeout: ANSWER_LIMIT_MS }, (answer) => {
			let bytes = 0;
			answer.on('data', (chunk: Buffer) => (bytes += chunk.byteLength));
			answer.on('error', reject);
			answer.on('end', () => {
				if (answer.statusCode === 200) resolve(bytes);
				else reject(new Error(`${url} answered ${answer.statusCode}`));
			});
		});
		request.on('timeout', () => request.destroy(new Error(`${url} did not answer`)));
		request.on('error', reject);
	});
}

async function run({ origin, paths, headers, connections, durationMs }: PageLoad) {
	const agent = new Agent({ keepAlive: true, maxSockets: connections });
	const timesMs: number[] = [];
	const begun = performance.now();
	let bytes = 0;
	let next = 0;
	const keepAsking = async () => {
		while (performance.now() - begun < durationMs) {
			const number = next++;
			const path = paths[number % paths.length] ?? '/';
			const from = `10.${number % 256}.${(number >> 8) % 256}.${process.pid % 256}`;
			const asked = performance.now();
			const size = await ask(origin + path, { ...headers, 'x-forwarded-for': from }, agent);
			timesMs.push(performance.now() - asked);
			bytes += size;
		}
	};
	await Promise.all(Array.from({ length: connections }, keepAsking));
	const seconds = (performance.now() - begun) / 1000;
	agent.destroy();
	const count = timesMs.length;
	return { timesMs, requestsPerSecond: count / seconds, bytes: bytes / count };
}

process.once('message', (load: PageLoad) => {
	run(load).then(
		(result: PageResult) => process.send?.({ result }, () => process.exit(0)),
		(cause: unknown) => process.send?.({ problem: String(cause) }, () => process.exit(1))
	);
});
