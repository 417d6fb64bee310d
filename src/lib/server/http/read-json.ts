import type { RequestEvent } from '@sveltejs/kit';
import type { z } from 'zod';
import { DomainError, invalid, tooLarge, unprocessable } from '#lib/server/errors.ts';

const MAX_JSON_BYTES = 64 * 1024;

/**
 * Reads a JSON body of a known shape.
 * @param maxBytes the body limit of the route (body-limit.ts) when it is another one
 * @throws DomainError 415, 413 above 64 KiB, 400 for no JSON, 422 naming the field that does not fit
 */
export async function readJson<T extends z.ZodTypeAny>(
	event: RequestEvent,
	shape: T,
	maxBytes = MAX_JSON_BYTES
): Promise<z.output<T>> {
	const type = event.request.headers.get('content-type') ?? '';
	if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
		throw new DomainError(415, 'json_expected', 'send the body as application/json');
	}
	const parsed = shape.safeParse(parseJson(await readText(event.request, maxBytes)));
	if (parsed.success) return parsed.data as z.output<T>;
	const [issue] = parsed.error.issues;
	throw unprocessable(
		issue?.path.join('.') || 'body',
		issue?.message.toLowerCase() ?? 'does not fit'
	);
}

async function readText(request: Request, maxBytes: number): Promise<string> {
	const chunks: Uint8Array[] = [];
	let sizeBytes = 0;
	for await (const chunk of request.body?.values({ preventCancel: true }) ?? []) {
		sizeBytes += chunk.length;
		if (sizeBytes > maxBytes) {
			throw tooLarge('body_too_large', `a body has at most ${maxBytes} bytes`);
		}
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw invalid('invalid_json', 'the body is not valid json', { cause });
	}
}
