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

/** The bot's session: signing in is allowed a few hundred times a day, and an album is fifty tracks. */
interface BotSession {
	accessJwt: string;
	pdsUrl: string;
	until: number;
}

/** A token is valid for about two hours. */
const SESSION_KEPT_MS = 60 * 60 * 1000;
const sessions = new Map<string, BotSession>();

const signedIn = z.object({ accessJwt: z.string() });
const convo = z.object({ convo: z.object({ id: z.string() }) });

/**
 * Sends a direct message on bluesky, as the bot. An attempt that broke off after its last step may
 * be repeated, and the message is there twice.
 * @throws FetchFailed; Error naming the step that was refused
 */
export async function sendDirectMessage(
	network: Network,
	config: DirectMessageConfig,
	text: string,
	signal: AbortSignal
): Promise<void> {
	const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
	const recipient = await network.identify(config.recipientHandle);
	const bot = await sessionOf(network, config, limited);
	const headers = { authorization: `Bearer ${bot.accessJwt}`, 'atproto-proxy': CHAT_SERVICE };
	try {
		const members = new URLSearchParams({ members: recipient.did });
		const found = await call(network, bot.pdsUrl, `chat.bsky.convo.getConvoForMembers?${members}`, {
			headers,
			signal: limited
		});
		await call(network, bot.pdsUrl, 'chat.bsky.convo.sendMessage', {
			...post({ convoId: convo.parse(found).convo.id, message: { text } }, headers),
			signal: limited
		});
	} catch (cause) {
		// perhaps the session has ended: the next attempt signs in anew
		sessions.delete(config.botHandle);
		throw cause;
	}
}

async function sessionOf(
	network: Network,
	{ botHandle, botPassword }: DirectMessageConfig,
	signal: AbortSignal
): Promise<BotSession> {
	const kept = sessions.get(botHandle);
	if (kept && kept.until > Date.now()) return kept;
	const { pdsUrl } = await network.identify(botHandle);
	const credentials = { identifier: botHandle, password: botPassword };
	const answer = await call(network, pdsUrl, 'com.atproto.server.createSession', {
		...post(credentials),
		signal
	});
	const { accessJwt } = signedIn.parse(answer);
	const session = { accessJwt, pdsUrl, until: Date.now() + SESSION_KEPT_MS };
	sessions.set(botHandle, session);
	return session;
}

const post = (body: unknown, headers: Record<string, string> = {}) => ({
	method: 'POST',
	headers: { 'content-type': 'application/json', ...headers },
	body: JSON.stringify(body)
});

const refusal = z.object({ error: z.string().optional(), message: z.string().optional() });

/** @param method an nsid, with its query */
async function call(
	{ safeFetch }: Network,
	pdsUrl: string,
	method: string,
	init: RequestInit
): Promise<unknown> {
	const response = await safeFetch(new URL(`/xrpc/${method}`, pdsUrl), init);
	if (response.ok) return await response.json();
	const said = refusal.catch({}).parse(await response.json().catch(() => ({})));
	const reason = said.message ?? said.error ?? String(response.status);
	throw new Error(`${method.replace(/\?.*/, '')} was refused: ${reason}`);
}
