import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { type PublishingSite, startPublishingSite, waitForUpload } from './publishing-site.ts';

const SECRET = 'a-long-secret-of-the-test';
const PASSWORD = 'abcd-efgh-ijkl-mnop';

interface Heard {
	path: string;
	headers: IncomingHttpHeaders;
	body: string;
}

/** What the operator has: a webhook, and a PDS that speaks the few methods of a chat. */
class Operator {
	readonly heard: Heard[] = [];
	/** answers of a path before it works */
	readonly trouble = new Map<string, { status: number; body: unknown }[]>();
	readonly #server: Server;

	constructor() {
		this.#server = createServer((request, response) => {
			let body = '';
			request.on('data', (chunk: Buffer) => (body += chunk.toString()));
			request.on('end', () => {
				const path = request.url ?? '';
				this.heard.push({ path, headers: request.headers, body });
				const method = path.replace(/\?.*/, '');
				const answer = this.trouble.get(method)?.shift() ?? this.#answer(method);
				response.writeHead(answer.status, { 'content-type': 'application/json' });
				response.end(JSON.stringify(answer.body));
			});
		});
	}

	#answer(method: string): { status: number; body: unknown } {
		const body = {
			'/hook': {},
			'/xrpc/com.atproto.server.createSession': { accessJwt: 'the-token', did: 'did:plc:bot' },
			'/xrpc/chat.bsky.convo.getConvoForMembers': { convo: { id: 'convo-1' } },
			'/xrpc/chat.bsky.convo.sendMessage': { id: 'message-1' }
		}[method];
		return body ? { status: 200, body } : { status: 404, body: { error: 'NotFound' } };
	}

	async open(): Promise<string> {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	to(method: string): Heard[] {
		return this.heard.filter(({ path }) => path.startsWith(method));
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}
}

describe('the operator', () => {
	const operator = new Operator();
	let site: PublishingSite;
	let alice: string;
	let bobDid: string;
	before(async () => {
		const url = await operator.open();
		site = await startPublishingSite({
			NOTIFY_ENABLED: 'true',
			NOTIFY_BOT_HANDLE: 'carol.test',
			NOTIFY_BOT_PASSWORD: PASSWORD,
			NOTIFY_RECIPIENT_HANDLE: '@bob.test',
			WEBHOOK_URL: `${url}/hook`,
			WEBHOOK_SECRET: SECRET
		});
		const { oauth } = site.ctx;
		const identify = oauth.identify.bind(oauth);
		site.ctx.oauth.identify = async (name) => {
			const identity = await identify(name);
			return name === 'carol.test' ? { ...identity, pdsUrl: url } : identity;
		};
		alice = await site.signIn('alice');
		bobDid = (await identify('bob.test')).did;
	});
	after(async () => {
		await site.close();
		operator.close();
	});

	const deliveries = () =>
		site.ctx.db
			.selectFrom('deliveries')
			.innerJoin('business_events', 'business_events.id', 'event_id')
			.select(['deliveries.id', 'channel', 'attempts', 'sent_at', 'failure', 'event', 'fields'])
			.orderBy('deliveries.created_at')
			.execute();
	const waitFor = async (isThere: () => Promise<boolean>) => {
		for (let i = 0; i < 300; i++) {
			if (await isThere()) return;
			await sleep(100);
		}
		assert.fail(JSON.stringify(await deliveries()));
	};

	it('hears of a new track by webhook and by message, also when the first attempts fail', async () => {
		operator.trouble.set('/hook', [
			{ status: 500, body: {} },
			{ status: 302, body: {} }
		]);
		operator.trouble.set('/xrpc/chat.bsky.convo.getConvoForMembers', [
			{
				status: 400,
				body: { error: 'MessagesDisabled', message: 'recipient has disabled messages' }
			}
		]);
		const bytes = await makeSample('mp3', { seconds: 1 });
		const fields = { title: 'a song' };
		const upload = await waitForUpload(
			site.ctx,
			await site.send(alice, { bytes, fileName: 'a.mp3', fields })
		);
		assert.equal(upload.status, 'completed', upload.error ?? '');
		await waitFor(async () => (await deliveries()).every(({ sent_at }) => sent_at !== null));

		const rows = await deliveries();
		assert.deepEqual(
			rows.map(({ channel, attempts, failure }) => [channel, attempts, failure]).sort(),
			[
				['direct_message', 2, null],
				['webhook', 3, null]
			]
		);
		const posts = operator.to('/hook');
		assert.equal(posts.length, 3);
		assert.equal(new Set(posts.map(({ headers }) => headers['x-plyr-delivery'])).size, 1);
		for (const { headers, body } of posts) {
			const signed = `${String(headers['x-plyr-timestamp'])}.${body}`;
			const signature = createHmac('sha256', SECRET).update(signed).digest('hex');
			assert.equal(headers['x-plyr-signature'], `sha256=${signature}`);
			assert.equal(headers['x-plyr-event'], 'track_uploaded');
			const { id, happened_at, ...said } = JSON.parse(body) as Record<string, unknown>;
			assert.equal(id, headers['x-plyr-delivery']);
			assert.match(String(happened_at), /^\d{4}-/);
			assert.deepEqual(said, {
				event: 'track_uploaded',
				trackId: upload.track_id,
				url: `http://127.0.0.1:3999/track/${upload.track_id}`,
				recordUri: `at://${alice}/fm.plyr.dev.track/${upload.rkey}`,
				did: alice
			});
		}

		const [signIn] = operator.to('/xrpc/com.atproto.server.createSession');
		assert.deepEqual(JSON.parse(signIn?.body ?? ''), {
			identifier: 'carol.test',
			password: PASSWORD
		});
		const [found] = operator.to('/xrpc/chat.bsky.convo.getConvoForMembers');
		assert.equal(found?.path.split('?')[1], new URLSearchParams({ members: bobDid }).toString());
		const messages = operator.to('/xrpc/chat.bsky.convo.sendMessage');
		assert.equal(messages.length, 1);
		const [message] = messages;
		assert.equal(message?.headers['atproto-proxy'], 'did:web:api.bsky.chat#bsky_chat');
		assert.equal(message.headers.authorization, 'Bearer the-token');
		const { convoId, message: sent } = JSON.parse(message.body) as Record<string, unknown>;
		assert.equal(convoId, 'convo-1');
		assert.match(
			(sent as { text: string }).text,
			/^new track: a song by @alice\.test\n[\d :-]+ utc$/
		);
	});

	it('is not said to have heard what nobody took', async () => {
		const refused = { status: 400, body: { error: 'AccountTakedown', message: 'the bot is gone' } };
		operator.trouble.set(
			'/xrpc/com.atproto.server.createSession',
			Array.from({ length: 50 }, () => refused)
		);
		operator.trouble.set(
			'/xrpc/chat.bsky.convo.getConvoForMembers',
			Array.from({ length: 50 }, () => ({ status: 401, body: {} }))
		);
		const bytes = await makeSample('mp3', { seconds: 1, hertz: 500 });
		await waitForUpload(
			site.ctx,
			await site.send(alice, { bytes, fileName: 'b.mp3', fields: { title: 'another' } })
		);
		const isRefused = async () =>
			(await deliveries()).some(
				({ failure, sent_at }) => /was refused: the bot is gone$/.test(failure ?? '') && !sent_at
			);
		await waitFor(isRefused);
	});

	it('finds one line of the log and one row per fact, without a secret in any', async () => {
		const broken = await site.send(alice, {
			bytes: Buffer.alloc(9000, 'no music'),
			fileName: 'c.mp3',
			fields: { title: 'noise' }
		});
		assert.equal((await waitForUpload(site.ctx, broken)).status, 'failed');
		const facts = await site.ctx.db.selectFrom('business_events').selectAll().execute();
		const count = (event: string) => [
			facts.filter((fact) => fact.event === event).length,
			site.logged.filter((line) => line['event'] === event).length
		];
		assert.deepEqual(count('track_uploaded'), [2, 2]);
		assert.deepEqual(count('record_written'), [2, 2]);
		assert.deepEqual(count('upload_failed'), [1, 1]);
		const failed = site.logged.find((line) => line['event'] === 'upload_failed');
		assert.equal(failed?.['uploadId'], broken);
		assert.equal(failed['stage'], 'received');
		assert.equal(typeof failed['code'], 'string');
		const everything = JSON.stringify([site.logged, facts, await deliveries()]);
		for (const secret of [SECRET, PASSWORD, 'the-token']) {
			assert.ok(!everything.includes(secret), secret);
		}
	});
});
