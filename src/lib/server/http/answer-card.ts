import type { RequestEvent } from '@sveltejs/kit';
import { type Card, CARD_TYPE, cardVersion } from '#lib/server/sharing/card.ts';
import { openCard } from '#lib/server/sharing/cards.ts';
import { answerObject } from './stored-object.ts';

/** An address without a version, or with an earlier one, shows what is drawn now. */
const OTHER_VERSION = 'public, max-age=3600';

/** Answers with the picture of a page that others show beside a link to it. */
export async function answerCard(event: RequestEvent, card: Card): Promise<Response> {
	const kept = await openCard(event.locals.ctx, card);
	const describe = () => ({ ...kept, contentType: CARD_TYPE });
	const response = await answerObject(event, kept.key, describe, 'picture not found');
	const isThisOne = event.url.searchParams.get('v') === cardVersion(card);
	if (response.ok && !isThisOne) response.headers.set('cache-control', OTHER_VERSION);
	return response;
}
