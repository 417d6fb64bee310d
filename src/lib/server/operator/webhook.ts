import { createHmac } from 'node:crypto';
import type { SafeFetch } from '#lib/server/atproto/safe-fetch.ts';

const LIMIT_MS = 10_000;

export interface WebhookMessage {
	/** the same for every repetition */
	id: string;
	event: string;
	happenedAt: Date;
	fields: Record<string, unknown>;
}

/**
 * Posts an event as JSON. `x-plyr-signature` is the HMAC-SHA256 in hex of `x-plyr-timestamp`, a
 * dot and the body, with the secret as the key.
 * @throws FetchFailed; Error when the answer is not a success
 */
export async function sendWebhook(
	safeFetch: SafeFetch,
	{ url, secret }: { url: string; secret: string },
	{ id, event, happenedAt, fields }: WebhookMessage,
	signal: AbortSignal
): Promise<void> {
	const body = JSON.stringify({ id, event, happened_at: happenedAt.toISOString(), ...fields });
	const timestamp = String(Math.floor(Date.now() / 1000));
	const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
	const response = await safeFetch(url, {
		method: 'POST',
		headers: {
			'content-type': 'application/json',
			'x-plyr-event': event,
			'x-plyr-delivery': id,
			'x-plyr-timestamp': timestamp,
			'x-plyr-signature': `sha256=${signature}`
		},
		body,
		signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])
	});
	if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
}
