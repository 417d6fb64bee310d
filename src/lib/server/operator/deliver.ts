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
	try {
		await send(ctx, id, delivery, signal);
	} catch (cause) {
		const failure = cause instanceof Error ? cause.message : String(cause);
		await noteAttempt(ctx.db, id, failure.slice(0, 500));
		throw cause;
	}
	await noteAttempt(ctx.db, id, null);
	ctx.log.info('operator_told', { deliveryId: id, channel: delivery.channel });
}

async function send(
	ctx: DeliveryContext,
	id: string,
	{ channel, event, fields, happened_at: happenedAt }: Delivery,
	signal: AbortSignal
): Promise<void> {
	const { webhook, directMessage } = ctx.config.news;
	if (channel === 'webhook') {
		// switched off since
		if (!webhook) return;
		await sendWebhook(ctx.oauth.safeFetch, webhook, { id, event, happenedAt, fields }, signal);
		return;
	}
	if (!directMessage) return;
	const track = await findTrackForMessage(ctx.db, Number(fields['trackId']));
	// removed since: there is nothing to tell any more
	if (!track) return;
	const link = ctx.config.isSecure ? `${String(fields['url'])}\n` : '';
	const time = happenedAt.toISOString().slice(0, 16).replace('T', ' ');
	const text = `new track: ${track.title} by @${track.handle}\n${link}${time} utc`;
	await sendDirectMessage(ctx.oauth, directMessage, text, signal);
}
