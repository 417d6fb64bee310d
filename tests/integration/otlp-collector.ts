import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

interface Attribute {
	key: string;
	value: Record<string, unknown>;
}

/** A span as it was received, with the service that sent it. */
export interface ReceivedSpan {
	service: string;
	traceId: string;
	spanId: string;
	parentSpanId?: string;
	name: string;
	/** 2: a request to us, 3: one of ours, 5: a job */
	kind: number;
	attributes: Record<string, unknown>;
}

interface Scope {
	resource: { attributes: Attribute[] };
	scopeSpans?: { spans: (Omit<ReceivedSpan, 'attributes'> & { attributes: Attribute[] })[] }[];
	scopeMetrics?: { metrics: { name: string }[] }[];
}

/** Takes what OTLP/HTTP sends, as a collector does. */
export interface Collector {
	url: string;
	spans: ReceivedSpan[];
	/** names of the numbers that were received, with the service that sent them */
	numbers: Set<string>;
	/** the headers of the last request */
	headers: IncomingMessage['headers'];
	/** Waits until something was received. */
	until<T>(what: string, find: (collector: Collector) => T | undefined): Promise<T>;
	close(): void;
}

const LIMIT_MS = 20_000;

const plain = (attributes: Attribute[]): Record<string, unknown> =>
	Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

export async function startCollector(): Promise<Collector> {
	const take = async (request: IncomingMessage) => {
		const body = (await json(request)) as { resourceSpans?: Scope[]; resourceMetrics?: Scope[] };
		collector.headers = request.headers;
		for (const { resource, scopeSpans = [] } of body.resourceSpans ?? []) {
			const service = String(plain(resource.attributes)['service.name']);
			for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
				collector.spans.push({ ...span, service, attributes: plain(span.attributes) });
			}
		}
		for (const { resource, scopeMetrics = [] } of body.resourceMetrics ?? []) {
			const service = String(plain(resource.attributes)['service.name']);
			for (const { name } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
				collector.numbers.add(`${service} ${name}`);
			}
		}
	};
	const server = createServer((request, response) => {
		void take(request).then(() => {
			response.setHeader('content-type', 'application/json');
			response.end('{}');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const collector: Collector = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		spans: [],
		numbers: new Set(),
		headers: {},
		async until(what, find) {
			const end = Date.now() + LIMIT_MS;
			for (;;) {
				const found = find(collector);
				if (found !== undefined) return found;
				if (Date.now() > end) {
					const names = [...new Set(collector.spans.map((span) => `${span.service} ${span.name}`))];
					throw new Error(`${what} was not received, but ${names.join(', ')}`);
				}
				await sleep(50);
			}
		},
		close() {
			server.closeAllConnections();
			server.close();
		}
	};
	return collector;
}
