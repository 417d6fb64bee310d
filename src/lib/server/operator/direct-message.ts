import { z } from 'zod';
import type { Oauth } from '#lib/server/atproto/oauth.ts';

const LIMIT_MS = 20_000;
/** https://docs.bsky.app/docs/advanced-guides/service-proxying: the bot's PDS passes it on */
const CHAT_SERVICE = 'did:web:api.bsky.chat#bsky_chat';

export interface DirectMessageConfig {
	recipientHandle: string;
	botHandle: string;
	botPassword: string;
}

type Network = Pick<Oauth, 'identify' | 'safeFetch'>;

const session = z.object({ accessJwt: z.string() });
const convo = z.object({ convo: z.object({ id: z.string() }) });

/**
 * Sends a direct message on bluesky, as the bot. It signs in for every message and keeps nothing;
 * an attempt that broke off after the last step may be repeated, and the message is there twice.
 * @throws FetchFailed; Error naming the step that was refused
 */
export async function sendDirectMessage(
	network: Network,
	config: DirectMessageConfig,
	text: string,
	signal: AbortSignal
): Promise<void> {
	const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
	const bot = await network.identify(config.botHandle);
	const recipient = await network.identify(config.recipientHandle);
	const call = async (nsid: string, headers: Record<string, string>, body?: unknown) => {
		const url = new URL(`/xrpc/${nsid}`, bot.pdsUrl);
		return await answerOf(
			nsid,
			await network.safeFetch(url, {
				method: 'POST',
				headers: { 'content-type': 'application/json', ...headers },
				body: JSON.stringify(body),
				signal: limited
			})
		);
	};
	const credentials = { identifier: config.botHandle, password: config.botPassword };
	const signedIn = await call('com.atproto.server.createSession', {}, credentials);
	const headers = {
		authorization: `Bearer ${session.parse(signedIn).accessJwt}`,
		'atproto-proxy': CHAT_SERVICE
	};
	const nsid = 'chat.bsky.convo.getConvoForMembers';
	const url = new URL(`/xrpc/${nsid}`, bot.pdsUrl);
	url.searchParams.append('members', recipient.did);
	const found = await network.safeFetch(url, { headers, signal: limited });
	const { id: convoId } = convo.parse(await answerOf(nsid, found)).convo;
	await call('chat.bsky.convo.sendMessage', headers, { convoId, message: { text } });
}

async function answerOf(nsid: string, response: Response): Promise<unknown> {
	if (response.ok) return await response.json();
	const said = z
		.object({ error: z.string().optional(), message: z.string().optional() })
		.catch({})
		.parse(await response.json().catch(() => ({})));
	throw new Error(`${nsid} was refused: ${said.message ?? said.error ?? response.status}`);
}
