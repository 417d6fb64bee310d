/** A listener to server-sent events that shows everything it hears. */
import { request as open } from 'node:http';
import { ALICE } from './requests.ts';

export interface HeardEvent {
	name: string | undefined;
	id: string | undefined;
	content: Record<string, unknown>;
}

export interface Listener {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	events: HeardEvent[];
	/** everything as it came over the line */
	text(): string;
	/** resolves when the server ends the stream */
	ended: Promise<void>;
	isEnded(): boolean;
	/** waits for an event that fits */
	until(fits: (event: HeardEvent) => boolean, limitMs?: number): Promise<HeardEvent>;
	leave(): void;
}

/** Listens to an address; `lastEventId` is what a browser sends when it comes back. */
export async function listen(
	url: string,
	{
		lastEventId,
		viewer = ALICE,
		cookie = ''
	}: { lastEventId?: string; viewer?: string; cookie?: string } = {}
): Promise<Listener> {
	const headers: Record<string, string> = { accept: 'text/event-stream', 'x-viewer': viewer };
	if (cookie) headers['cookie'] = cookie;
	if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
	return await new Promise((resolve, reject) => {
		const outgoing = open(url, { headers });
		outgoing.once('error', reject);
		outgoing.once('response', (response) => {
			let text = '';
			let rest = '';
			let isEnded = false;
			const events: HeardEvent[] = [];
			const waiting = new Set<() => void>();
			const ended = Promise.withResolvers<undefined>();
			response.setEncoding('utf8');
			response.on('data', (chunk: string) => {
				text += chunk;
				const blocks = (rest + chunk).split('\n\n');
				rest = blocks.pop() ?? '';
				events.push(...blocks.map(parse).filter((event) => event !== null));
				for (const look of [...waiting]) look();
			});
			response.once('close', () => {
				isEnded = true;
				ended.resolve(undefined);
			});
			response.on('error', () => undefined);
			resolve({
				status: response.statusCode ?? 0,
				headers: response.headers,
				events,
				text: () => text,
				ended: ended.promise,
				isEnded: () => isEnded,
				until: (fits, limitMs = 5_000) =>
					new Promise((found, missed) => {
						const look = () => {
							const event = events.find(fits);
							if (!event) return;
							waiting.delete(look);
							clearTimeout(limit);
							found(event);
						};
						const limit = setTimeout(
							() => missed(new Error(`not heard; heard ${JSON.stringify(events)}`)),
							limitMs
						);
						waiting.add(look);
						look();
					}),
				leave: () => outgoing.destroy()
			});
		});
		outgoing.end();
	});
}

function parse(block: string): HeardEvent | null {
	const lines = new Map(
		block.split('\n').map((line): [string, string] => {
			const colon = line.indexOf(': ');
			return [line.slice(0, colon), line.slice(colon + 2)];
		})
	);
	const data = lines.get('data');
	if (data === undefined) return null;
	const content = JSON.parse(data) as Record<string, unknown>;
	return { name: lines.get('event'), id: lines.get('id'), content };
}
