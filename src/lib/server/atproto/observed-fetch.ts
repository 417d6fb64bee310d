import { type Instruments, secondsSince } from '#lib/server/trace/instruments.ts';
import { inSpan, type Span } from '#lib/server/trace/tracer.ts';
import type { SafeFetch } from './safe-fetch.ts';

/** What is asked elsewhere, told apart by the path: hosts are without number. */
type Target = 'pds' | 'oauth' | 'identity' | 'other';

/** The same fetch: requests are counted and stand in traces. What is sent along is not looked at. */
export function observeFetch(safeFetch: SafeFetch, { metrics, tracer }: Instruments): SafeFetch {
	return async (input, init) => {
		const startedAt = performance.now();
		const url = new URL(input instanceof Request ? input.url : input);
		const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
		const target = targetOf(url);
		let outcome = 'no_answer';
		try {
			const ask = async (span?: Span) => {
				const response = await safeFetch(input, init);
				outcome = `${Math.floor(response.status / 100)}xx`;
				span?.set({ 'http.response.status_code': response.status });
				return response;
			};
			if (!tracer.isRecording) return await ask();
			const attributes = {
				'http.request.method': method,
				'server.address': url.hostname,
				'url.path': target === 'pds' ? url.pathname : ''
			};
			return await inSpan(tracer, nameOf(method, target, url), { kind: 'client', attributes }, ask);
		} finally {
			metrics.outboundRequests.observe(secondsSince(startedAt), target, outcome);
		}
	};
}

function targetOf({ pathname, hostname }: URL): Target {
	if (pathname.startsWith('/xrpc/')) return 'pds';
	if (/^\/oauth\/|^\/\.well-known\/oauth-/.test(pathname)) return 'oauth';
	return /^\/did:|^\/\.well-known\/(?:did\.json|atproto-did)$/.test(pathname) ||
		hostname === 'plc.directory'
		? 'identity'
		: 'other';
}

const nameOf = (method: string, target: Target, { pathname }: URL): string =>
	target === 'pds' ? `${method} ${pathname.slice('/xrpc/'.length)}` : `${method} ${target}`;
