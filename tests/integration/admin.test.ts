import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type postgres from 'postgres';
import { openProductDatabase } from '../e2e/product-database.ts';
import { didOf } from '../did-of.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist } from './published-music.ts';
import { locationOf, Visitor } from './visitor.ts';

const PAGES = ['', '/reports', '/takedowns', '/jobs', '/uploads', '/log'].map(
	(name) => `/admin${name}`
);
const ACTIONS = [
	'/admin/reports?/hide',
	'/admin/reports?/dismiss',
	'/admin/takedowns?/hide',
	'/admin/takedowns?/restore',
	'/admin/takedowns?/leave',
	'/admin/jobs?/retry',
	'/admin/jobs?/discard'
];

describe('whoever runs the site', { timeout: 120_000 }, () => {
	let site: LocalSite;
	let database: postgres.Sql;
	let alice: Visitor;
	let operator: Visitor;
	let stranger: Visitor;
	let did: string;

	before(async () => {
		site = await startLocalSite((network) => ({
			ROLES: 'web',
			ADMIN_DIDS: `${didOf(network, 'bob')}, did:plc:somebody-else`
		}));
		database = await openProductDatabase(site);
		alice = await becomeArtist(site.url, 'alice');
		operator = new Visitor(site.url);
		await operator.signIn('bob');
		stranger = new Visitor(site.url);
		did = didOf(site.network, 'alice');
	});
	after(async () => {
		await database.end();
		await site.close();
	});

	const textOf = async (who: Visitor, address: string, status = 200) => {
		const answer = await who.open(address);
		assert.equal(answer.status, status, address);
		return await answer.text();
	};
	const report = (who: Visitor, fields: Record<string, string>) =>
		who.submit(`/report?artist=${did}`, { details: '', contact: '', ...fields });
	/** How often the one thing that is reported was. */
	const counted = async () => {
		const text = await textOf(operator, '/admin/reports');
		return /reported (once|\d+ times)/.exec(text)?.[1] ?? 'never';
	};

	it('has pages that are nowhere to everybody else, also to what they send', async () => {
		const nowhere = await textOf(stranger, '/nothing-here', 404);
		const shape = (text: string) =>
			text.replaceAll(/nonce="[^"]*"|nonce-[^']*|__sveltekit_\w+/g, '');
		const words = (text: string) =>
			shape(text).replaceAll(/<script[^]*?<\/script>|<[^>]*>|\s+/g, ' ');
		for (const who of [stranger, alice]) {
			for (const page of PAGES) {
				const text = await textOf(who, page, 404);
				if (who === stranger) assert.equal(words(text), words(nowhere), page);
				const answer = await who.open(`${page}/__data.json`);
				assert.doesNotMatch(
					await answer.text(),
					/reported|queues|waiting|actions|takedowns":/,
					page
				);
			}
			for (const action of ACTIONS) {
				const fields = { kind: 'account', subject: did, reason: 'x', ground: 'rules' };
				const answer = await who.submit(action, { ...fields, queue: 'sweeps', id: randomUUID() });
				assert.equal(answer.status, 404, action);
			}
		}
		assert.equal((await stranger.open(`/u/${did}`)).status, 308, 'nothing was hidden');
		for (const page of PAGES) await textOf(operator, page);
	});

	it('sees what people report, once for each of them and each reason', async () => {
		assert.match(
			await textOf(stranger, `/report?artist=${did}`),
			/name="reason" value="copyright"/
		);
		assert.match(await textOf(stranger, '/report', 404), /nobody here publishes/);
		const empty = await report(stranger, { details: 'what I typed' });
		assert.equal(empty.status, 422);
		assert.match(await empty.text(), /choose what is wrong[^]*what I typed/);
		assert.equal((await report(stranger, { reason: 'other' })).status, 422);
		assert.equal(await counted(), 'never');

		const said = { details: 'my song, from\n1999 <b>', contact: 'me@example.org' };
		const first = await report(stranger, { reason: 'copyright', ...said });
		assert.match(locationOf(first), /^\/report\?artist=.*thanks=new$/);
		assert.match(await textOf(stranger, locationOf(first)), /with whoever runs this site/);
		const again = await report(stranger, { reason: 'copyright' });
		assert.match(await textOf(stranger, locationOf(again)), /it counts once/);
		assert.equal(await counted(), 'once');
		await report(stranger, { reason: 'spam' });
		const reader = new Visitor(site.url);
		await reader.signIn('carol');
		await report(reader, { reason: 'copyright' });
		assert.equal(await counted(), '3 times');
		const queue = await textOf(operator, '/admin/reports');
		assert.match(queue, /1999 &lt;b>|1999 &lt;b&gt;/);
		assert.match(queue, /me@example\.org/);
		const [row] = await database`select reporter_key::text as key, details from reports limit 1`;
		assert.match(String(row?.['key']), /^\\x[0-9a-f]{32}$/, 'nobody is named');
	});

	it('leaves something as it is until somebody else reports it, or hides it with a reason', async () => {
		const dismissed = await operator.submit('/admin/reports?/dismiss', { subject: did });
		assert.equal(locationOf(dismissed), '/admin/reports');
		assert.equal(await counted(), 'never');
		await report(stranger, { reason: 'spam' });
		assert.equal(await counted(), 'never', 'that was said before');
		await report(alice, { reason: 'spam' });
		assert.equal(await counted(), '4 times');
		const wish = { kind: 'account', subject: did, ground: 'rules' };
		const without = await operator.submit('/admin/reports?/hide', { ...wish, reason: ' ' });
		assert.equal(without.status, 422);
		assert.match(await without.text(), /say why/);
		await operator.submit('/admin/reports?/hide', { ...wish, reason: 'not <their> songs' });
		assert.equal(await counted(), 'never');
		assert.match(await textOf(stranger, '/u/alice.test', 410), /not &lt;their(?:&gt;|>) songs/);
		assert.match(await textOf(stranger, `/report?artist=${did}`, 410), /not &lt;their/);
		const twice = await operator.submit('/admin/takedowns?/hide', { ...wish, reason: 'again' });
		assert.equal(twice.status, 409);
		await operator.submit('/admin/takedowns?/restore', { subject: did });
		await textOf(stranger, '/u/alice.test');
		const log = await textOf(operator, '/admin/log');
		assert.match(log, /restored[^]*taken down[^]*rules: not &lt;their[^]*reports dismissed/);
	});

	it('lets a job be tried now, or takes it away, and that is written down', async () => {
		const [again, gone] = [randomUUID(), randomUUID()];
		for (const id of [again, gone]) {
			await database`
				insert into pgboss.job (id, name, data, state, retry_count, retry_limit, output, policy)
				values (${id}, 'deliveries', '{"deliveryId":"x"}', 'failed', 3, 3,
					'{"message":"nobody answered"}', 'standard')`;
		}
		const overview = await textOf(operator, '/admin/jobs');
		assert.match(overview, /aria-label="2 failed of deliveries"/);
		const list = await textOf(operator, '/admin/jobs?queue=deliveries&state=failed');
		for (const id of [again, gone]) assert.ok(list.includes(id));
		assert.match(list, /nobody answered/);
		const asked = (id: string) => ({ queue: 'deliveries', state: 'failed', id });
		assert.equal((await operator.submit('/admin/jobs?/retry', asked(again))).status, 303);
		assert.equal((await operator.submit('/admin/jobs?/discard', asked(gone))).status, 303);
		assert.equal((await operator.submit('/admin/jobs?/discard', asked(gone))).status, 409);
		assert.equal((await operator.submit('/admin/jobs?/retry', asked('none'))).status, 409);
		const rows = await database`
			select id, state::text from pgboss.job where id in (${again}, ${gone})`;
		assert.deepEqual([...rows], [{ id: again, state: 'retry' }]);
		const log = await textOf(operator, '/admin/log');
		assert.match(log, new RegExp(`job discarded[^]*${gone}[^]*job retried[^]*${again}`));
		await textOf(operator, '/admin/jobs?queue=none', 404);
	});

	it('looks through uploads, pages of them, and refuses a cursor that is none', async () => {
		await database`
			insert into uploads (id, artist_did, rkey, status, stage, message, error_code, error,
				file_name, fields, findings, created_at, updated_at)
			select gen_random_uuid(), ${did}, 'r' || n, case when n = 0 then 'processing' else 'failed' end,
				'received', 'at work', 'broken_audio', 'upload number ' || n || '.', 'secret.mp3', '{}', '{}',
				now(), now() - make_interval(mins => n / 2)
			from generate_series(0, 60) n`;
		const first = await textOf(operator, '/admin/uploads');
		assert.match(first, /processing after received/);
		assert.doesNotMatch(first, /secret\.mp3/);
		const next = /href="([^"]*\?cursor=[^"]+)"/.exec(first)?.[1] ?? '';
		const second = await textOf(operator, new URL(next, `${site.url}/admin/uploads`).href);
		const numbers = [...(first + second).matchAll(/upload number (\d+)\./g)].map(([, n]) =>
			Number(n)
		);
		assert.deepEqual(
			[...new Set(numbers)].sort((a, b) => a - b),
			Array.from({ length: 61 }, (_, index) => index)
		);
		for (const page of ['uploads', 'log', 'reports', 'takedowns']) {
			await textOf(operator, `/admin/${page}?cursor=none`, 422);
		}
		assert.match(await textOf(operator, '/admin'), /60 uploads failed/);
	});

	it('is not buried under reports of one visitor', async () => {
		const statuses = new Set<number>();
		for (let i = 0; i < 21; i++) statuses.add((await report(stranger, { reason: 'spam' })).status);
		assert.ok(statuses.has(429));
	});
});
