import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { baseHeaders } from './base-headers.ts';

type WriteHead = (
	this: ServerResponse,
	status: number,
	...rest: (string | OutgoingHttpHeaders | undefined)[]
) => ServerResponse;

/**
 * Gives an answer, at the moment it begins, the headers every answer has. Not in a hook: those never see
 * static files, nor what SvelteKit and its adapter refuse before a route is looked for.
 */
export function completeHeaders(
	request: IncomingMessage,
	response: ServerResponse,
	{ isSecure }: { isSecure: boolean }
): void {
	const writeHead = response.writeHead.bind(response) as unknown as WriteHead;
	const complete: WriteHead = function (status, ...rest) {
		const given = rest.find((part) => typeof part === 'object') ?? {};
		const named = new Map(
			Object.entries(given).map(([name, value]) => [name.toLowerCase(), value])
		);
		const of = (name: string) => named.get(name) ?? response.getHeader(name);
		const policy = of('content-security-policy');
		const all = baseHeaders({
			path: pathOf(request.url),
			contentType: textOf(of('content-type')),
			policy: policy === undefined ? null : textOf(policy),
			isSecure
		});
		for (const [name, value] of Object.entries(all)) {
			if (of(name) === undefined) response.setHeader(name, value);
		}
		return writeHead.call(response, status, ...rest);
	};
	response.writeHead = complete as unknown as ServerResponse['writeHead'];
}

const textOf = (value: OutgoingHttpHeaders[string]) => String(value ?? '');

const pathOf = (url = '/') => url.split('?', 1)[0] ?? '/';
