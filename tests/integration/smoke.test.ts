import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { type LocalSite, startLocalSite } from './local-site.ts';

/** What the site answered, for a proxy that changes it. */
interface Answer {
	path: string;
	status: number;
	body: string;
}

describe('looking at a site after it was deployed', { timeout: 120_000 }, () => {
	let site: LocalSite;
	let proxy: Server;
	let address: string;
	/** what goes wrong between the site and whoever looks */
	let spoil: (answer: Answer) => Answer = (answer) => answer;

	before(async () => {
		site = await startLocalSite();
		proxy = createServer((incoming, outgoing) => void pass(incoming.url ?? '/', outgoing));
		await once(proxy.listen(0, '127.0.0.1'), 'listening');
		address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
	});
	after(async () => {
		proxy.close();
		proxy.closeAllConnections();
		await site.close();
	});

	async function pass(path: string, outgoing: ServerResponse): Promise<void> {
		const asked = request(site.url + path, { headers: { accept: 'text/html,*/*' } }).end();
		const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
		const given = { path, status: answer.statusCode ?? 0, body: await text(answer) };
		const { status, body } = spoil(given);
		const type = answer.headers['content-type'] ?? 'text/plain';
		outgoing.writeHead(status, { 'content-type': type }).end(body);
	}

	async function look(): Promise<{ code: number; said: string }> {
		const child = spawn(process.execPath, ['deploy/smoke.ts', address, '1']);
		const [said, [code]] = await Promise.all([
			text(child.stdout),
			once(child, 'exit') as Promise<[number]>
		]);
		return { code, said };
	}

	it('is content with one that works', async () => {
		spoil = (answer) => answer;
		const { code, said } = await look();
		assert.equal(code, 0, said);
		assert.equal(said.match(/^ok /gm)?.length, 4);
	});

	const faults: [what: string, how: (answer: Answer) => Answer, says: RegExp][] = [
		[
			'nobody takes jobs, though pages are served',
			(answer) =>
				answer.path === '/ready'
					? { ...answer, body: answer.body.replace('"jobs":{"ok":true', '"jobs":{"ok":false') }
					: answer,
			/^wrong {2}it is ready: jobs does not work/m
		],
		[
			'scripts are not where pages look for them',
			(answer) => (answer.path.endsWith('.js') ? { ...answer, status: 404 } : answer),
			/^wrong {2}pages and their scripts: .*\.js answers 404/m
		],
		[
			'a page breaks off',
			(answer) =>
				answer.path === '/' ? { ...answer, body: answer.body.replace('</html>', '') } : answer,
			/^wrong {2}pages and their scripts: the home page is not whole/m
		],
		[
			'there is an error instead of a list',
			(answer) => (answer.path.startsWith('/api/') ? { ...answer, status: 500 } : answer),
			/^wrong {2}the newest track: .* answers 500/m
		]
	];
	for (const [what, how, says] of faults) {
		it(`finds that ${what}`, async () => {
			spoil = how;
			const { code, said } = await look();
			assert.equal(code, 1, said);
			assert.match(said, says);
		});
	}
});
