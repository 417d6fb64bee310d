import type { Context } from '#lib/server/context.ts';
import { sendDirectMessage } from './direct-message.ts';
import { findDelivery, findTrackForMessage, noteAttempt } from './queries.ts';
import { sendWebhook } from './webhook.ts';

type DeliveryContext = Pick<Context, 'config' | 'db' | 'log' | 'oauth'>;
type Delivery = NonNullable<Awaited<ReturnType<typeof findDelivery>>>;

/**
 * Delivers one fact to the operator by one channel, once: what was sent is not sent again. The row
 * says what came of it.
 * @throws what went wrong, so that the job is tried again
 */
export async function deliver(
	ctx: DeliveryContext,
	id: string,
	signal: AbortSignal
): Promise<void> {
	const delivery = await findDelivery(ctx.db, id);
	if (!delivery || delivery.sent_at !== null) return;
	let failure: string | null;
	try {
		failure = await send(ctx, id, delivery, signal);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		await noteAttempt(ctx.db, id, reason.slice(0, 500));
		throw cause;
	}
	await noteAttempt(ctx.db, id, failure);
	if (failure === null) {
		ctx.log.info('operator_told', { deliveryId: id, channel: delivery.channel });
	}
}

/** @returns why nothing was sent and never will be; null: it was */
async function send(
	ctx: DeliveryContext,
	id: string,
	{ channel, event, fields, happened_at: happenedAt }: Delivery,
	signal: AbortSignal
): Promise<string | null> {
	const { webhook, directMessage } = ctx.config.news;
	if (channel === 'webhook') {
		if (!webhook) return 'WEBHOOK_URL is not set any more';
		await sendWebhook(ctx.oauth.safeFetch, webhook, { id, event, happenedAt, fields }, signal);
		return null;
	}
	if (!directMessage) return 'NOTIFY_ENABLED is not true any more';
	const track = await findTrackForMessage(ctx.db, Number(fields['trackId']));
	if (!track) return 'the track was removed before';
	const link = ctx.config.isSecure ? `${String(fields['url'])}\n` : '';
	const time = happenedAt.toISOString().slice(0, 16).replace('T', ' ');
	const text = `new track: ${track.title} by @${track.handle}\n${link}${time} utc`;
	await sendDirectMessage(ctx.oauth, directMessage, text, signal);
	return null;
}
