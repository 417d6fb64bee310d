import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { readZip } from '#lib/server/testing/read-zip.ts';
import { type RunningNetwork, startTestNetwork } from '../../dev/testing/test-network.ts';
import { freePort } from '../free-port.ts';
import { canBuildImages } from '../image/layer-store.ts';
import { Machine, makeRepository } from '../operating/machine.ts';
import { assertSeen, type Block, readBlocks } from '../operating/page.ts';
import { becomeArtist, publishTrack, sendJson } from './published-music.ts';
import { Visitor } from './visitor.ts';

const page = readBlocks('docs/operating.md');
const deployment = readBlocks('docs/deployment.md').get('without a container') ?? [];
const restoring = readBlocks('docs/backup.md').get('a restore') ?? [];
/** What a section of a page has to be typed, told apart by a word of it. */
const blockWith = (blocks: Block[], word: string): string => {
	const found = blocks.filter(({ kind, text }) => kind === 'sh' && text.includes(word));
	assert.equal(found.length, 1, `${found.length} blocks have "${word}"`);
	return found[0]?.text ?? '';
};

const skip = canBuildImages() ? false : 'only root may have a machine of its own';

/** docs/operating.md, followed from its first line to its last, with the blocks of other pages it leads to. */
describe('a day of whoever runs the site', { skip, timeout: 600_000 }, () => {
	let network: RunningNetwork;
	let machine: Machine;
	let url: string;
	let alice: Visitor;
	let track: number;
	const folder = (name: string) => mkdtempSync(path.join(tmpdir(), `plyr-operating-${name}-`));
	const networkDir = folder('network');
	const backup = folder('backup');
	let repository: string;
	/** what stands on the page, and what it is here */
	const stands: [string, string][] = [];
	const followed = new Set<string>();
	const port = () => new URL(url).port;

	before(async () => {
		repository = makeRepository();
		[network, url] = await Promise.all([
			startTestNetwork({ dir: networkDir }),
			freePort().then((free) => `http://127.0.0.1:${free}`)
		]);
		stands.push(
			['https://music.example.org', url],
			['http://127.0.0.1:3000', url],
			['alice.example.org', 'alice.test'],
			['bob.example.org', 'bob.test'],
			// npm and vite would fetch and make what this machine has
			['"$new/deploy/build"', 'ln -s /srv/prepared/node_modules /srv/prepared/build "$new"']
		);
		machine = await newMachine();
	});
	after(async () => {
		await machine.lose();
		await network.stop();
		for (const dir of [networkDir, backup, repository]) {
			rmSync(dir, { recursive: true, force: true });
		}
	});

	async function newMachine(): Promise<Machine> {
		const one = new Machine(backup, repository);
		await one.start();
		return one;
	}

	const here = (text: string) =>
		stands.reduce((said, [there, own]) => said.replaceAll(there, own), text);

	async function type(script: string): Promise<string> {
		const { code, said } = await machine.type(here(script));
		assert.equal(code, 0, `${here(script)}\n\n${said}`);
		return said;
	}

	/** Types what stands under a heading; each block that is shown is of what was typed since the last. */
	async function follow(heading: string, only?: number[]): Promise<string[]> {
		const blocks = page.get(heading);
		assert.ok(blocks, `the page has no "${heading}"`);
		followed.add(heading);
		const said: string[] = [];
		let since = '';
		for (const [index, { kind, text }] of blocks.entries()) {
			if (only && !only.includes(index)) continue;
			if (kind === 'sh') {
				const one = await type(text);
				said.push(one);
				since += one;
			} else if (kind === 'text') {
				assertSeen(since, here(text));
				since = '';
			}
		}
		return said;
	}

	/** The network of this machine in place of the world's; the rest of the settings is the page's. */
	const localSettings = () =>
		[
			`PORT=${port()}`,
			`ATPROTO_PLC_URL=${network.plcUrl}`,
			`ATPROTO_HANDLE_RESOLVER_URL=${network.pdsUrl}`,
			'DEV_ALLOW_INSECURE_NETWORK=true'
		].join('\n');

	async function heard(id: number): Promise<number> {
		const answer = await fetch(`${url}/api/tracks/${id}`);
		if (answer.status !== 200) return answer.status;
		const { file_id: fileId } = (await answer.json()) as { file_id: string };
		const audio = await fetch(`${url}/audio/${fileId}`);
		await audio.arrayBuffer();
		return audio.status;
	}
	/** Until something is there that is being typed; it ends too early when something before it fails. */
	async function answers(address: string, typed: Promise<string>): Promise<void> {
		const ended = typed.then((said) => assert.fail(said));
		ended.catch(() => undefined);
		for (let isThere = false; !isThere;) {
			const asked = fetch(address).then(({ status }) => status === 200);
			isThere = await Promise.race([asked.catch(() => false), ended]);
			await sleep(100);
		}
	}
	const isSignedIn = async (who: Visitor) => (await who.open('/api/auth/me')).status === 200;

	/** Each begins where the one before it has ended. */
	let isBroken = false;
	const step = (name: string, act: () => Promise<void> | void): void => {
		void it(name, async () => {
			assert.ok(!isBroken, 'something before it went wrong');
			isBroken = true;
			await act();
			isBroken = false;
		});
	};

	step(
		'the first evening: the doctor is content, somebody is heard, keys and backups are put away',
		async () => {
			await type(blockWith(deployment, 'useradd'));
			await type(`cat >> /etc/plyr/plyr.env <<'END'\n${localSettings()}\nEND`);
			const started = await type(
				blockWith(deployment, 'enable --now').replace(/^plyr doctor$/m, '')
			);
			assert.equal(started, '');
			await follow('the first evening', [0, 1]);
			assert.equal(statSync(machine.at('/etc/plyr/plyr.env')).mode & 0o777, 0o600);
			alice = await becomeArtist(url, 'alice');
			track = await publishTrack(alice, { title: 'low water' });
			stands.push(['/track/17', `/track/${track}`]);
			assert.equal(await heard(track), 200);
			assert.equal((await alice.open('/admin')).status, 404);
			await follow('the first evening', [2]);
			assert.equal((await alice.open('/admin')).status, 200);
			await follow('the first evening', [3, 4, 5]);
			assert.equal(statSync(machine.at('/root/plyr-keys')).mode & 0o777, 0o600);
			await cronIsSilent();
		}
	);

	/** What cron does: a shell, and hardly a path. */
	async function cronIsSilent(): Promise<void> {
		const lines = page.get('the first evening')?.find(({ kind }) => kind === 'cron')?.text;
		for (const line of lines?.split('\n') ?? []) {
			const [, command] = /^[\d*]+ [\d*]+ [\d*]+ [\d*]+ [\d*]+  (.*)$/.exec(line) ?? [];
			assert.ok(command, line);
			assert.equal(await type(`env -i PATH=/usr/bin:/bin HOME=/root /bin/sh -c '${command}'`), '');
		}
	}

	step('in the morning: everything that is shown is to be seen', async () => {
		// it is hours later there: the worker has been heard
		while (!/^plyr_workers 1$/m.test(await (await fetch(`${url}/metrics`)).text())) {
			await sleep(500);
		}
		await follow('in the morning');
		assert.match(await (await alice.open('/admin')).text(), /jobs/);
	});

	step('somebody asks: signed out of one place, given everything, deleted', async () => {
		const phone = new Visitor(url);
		phone.userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1';
		await phone.signIn('alice');
		const lost = (await type('plyr user sessions alice.example.org'))
			.split('\n')
			.find((line) => /iphone|ios/i.test(line));
		assert.ok(lost);
		stands.push(['3f0c9a1be77d2c41', lost.split(' ')[0] ?? '']);
		const bob = await becomeArtist(url, 'bob');
		const other = await publishTrack(bob, { title: 'ebb' });
		await follow('somebody asks');
		assert.deepEqual([await isSignedIn(phone), await isSignedIn(alice)], [false, true]);
		const files = readZip(readFileSync(machine.at('/root/alice.zip')));
		assert.ok([...files.keys()].some((name) => name.endsWith('low water.mp3')));
		assert.deepEqual([await heard(other), await isSignedIn(bob)], [410, false]);
	});

	step('somebody reports a track: it is hidden with its reason, and shown again', async () => {
		const anybody = new Visitor(url);
		const reported = await anybody.submit(`/report?track=${track}`, {
			...{ reason: 'copyright', details: 'that is my own recording', contact: '' }
		});
		assert.ok(reported.status < 400, await reported.text());
		assert.match(await (await alice.open('/admin/reports')).text(), /that is my own recording/);
		await follow('somebody reports a track', [0, 1]);
		const hidden = await fetch(`${url}/track/${track}`, { headers: { accept: 'text/html' } });
		assert.equal(hidden.status, 451);
		assert.match(await hidden.text(), /the recording is somebody else/);
		await follow('somebody reports a track', [2, 3]);
		assert.equal(await heard(track), 200);
	});

	step('a key may have been seen: nobody is signed out, and the new one is put away', async () => {
		const former = readFileSync(machine.at('/root/plyr-keys'), 'utf8');
		await follow('a key may have been seen');
		assert.ok(await isSignedIn(alice));
		assert.equal((await sendJson(alice, 'POST', `/api/tracks/${track}/like`, {})).status, 200);
		const [name = ''] = readdirSync(machine.at('/root')).filter((one) =>
			/^plyr-keys-since/.test(one)
		);
		assert.notEqual(readFileSync(machine.at(`/root/${name}`), 'utf8'), former);
	});

	step('a new version, and back', async () => {
		followed.add('a new version, and back');
		const first = await type('readlink /opt/plyr');
		// two of them within a second would have one name
		await sleep(1_000);
		const said = await type(
			blockWith(deployment, 'git clone https://github.com/plyr-fm/plyr "$new"        #')
		);
		assert.match(said, /^the database is as this version needs it$/m);
		assert.match(said, /^nothing is wrong$/m);
		assert.notEqual(await type('readlink /opt/plyr'), first);
		await type(blockWith(deployment, 'tail -n 1'));
		assert.equal(await type('readlink /opt/plyr'), first);
		assert.deepEqual([await heard(track), await isSignedIn(alice)], [200, true]);
	});

	step('something is lost, and comes back beside the running site', async () => {
		const { file_id: fileId } = (await (await fetch(`${url}/api/tracks/${track}`)).json()) as {
			file_id: string;
		};
		const [file = ''] = (await type('find /var/lib/plyr/storage -type f'))
			.split('\n')
			.filter((one) => one.includes(fileId));
		rmSync(machine.at(file));
		await follow('something is lost');
		assert.equal(await heard(track), 200);
	});

	step(
		'the disk is full: it is said, listening goes on, and all is well when there is room',
		async () => {
			const resize = (size: string) => type(`mount -o "remount,size=${size}" /var/lib/plyr`);
			await resize('$(df --output=used -B1 /var/lib/plyr | tail -n 1)');
			await follow('the disk is full');
			await assert.rejects(publishTrack(alice, { title: 'too much' }));
			assert.equal(await heard(track), 200);
			await resize('6g');
			const later = await publishTrack(alice, { title: 'there is room' });
			assert.equal(await heard(later), 200);
		}
	);

	step(
		'a mistake has spread: an earlier backup, with what was damaged set aside, twice',
		async () => {
			followed.add('a mistake has spread');
			const list = async () => (await type('plyr backup /backup --list')).trim().split('\n');
			await type('plyr backup /backup');
			const good = (await list()).at(-1)?.split(' ')[0] ?? '';
			stands.push(['2026-11-28T04-15-02Z-9f3c2a', good]);
			const host = machine.at('/var/lib/plyr/postgres/s');
			const sql = postgres({ host, port: 5432, user: 'plyr', database: 'postgres', max: 1 });
			await sql`update tracks set title = 'what a pity'`;
			await sql.end();
			// which is the newest one by now
			await type('plyr backup /backup');
			assert.notEqual((await list()).at(-1)?.split(' ')[0], good);
			for (const times of [1, 2]) {
				await sleep(1_000);
				await type(blockWith(deployment, 'aside='));
				const asides = readdirSync(machine.at('/var/lib/plyr')).filter((one) =>
					/^damaged-/.test(one)
				);
				assert.equal(asides.length, times);
				assert.match(await (await fetch(`${url}/track/${track}`)).text(), /low water/);
				assert.deepEqual([await heard(track), await isSignedIn(alice)], [200, true]);
			}
			await type('plyr backup /backup');
		}
	);

	step('everything is lost: a new machine, the settings, the keys and the backup', async () => {
		followed.add('everything is lost');
		const settings = readFileSync(machine.at('/etc/plyr/plyr.env'), 'utf8');
		const [name = ''] = readdirSync(machine.at('/root')).filter((one) =>
			/^plyr-keys-since/.test(one)
		);
		const keys = readFileSync(machine.at(`/root/${name}`), 'utf8');
		const putAway = () => {
			machine.write('/somewhere/else/settings', settings);
			machine.write('/somewhere/else/plyr-keys', keys);
		};
		await machine.lose();
		machine = await newMachine();
		putAway();
		// another machine gives its users other numbers
		await type('useradd --system somebody-before');
		await type(blockWith(deployment, 'useradd'));
		const said = await type(blockWith(restoring, 'chown -R plyr:'));
		assert.match(said, /^nothing is wrong$/m);
		assert.equal(statSync(machine.at('/etc/plyr/plyr.env')).mode & 0o777, 0o600);
		assert.deepEqual([await heard(track), await isSignedIn(alice)], [200, true]);
		assert.equal((await sendJson(alice, 'DELETE', `/api/tracks/${track}/like`, {})).status, 200);
		await type('plyr backup /backup');
	});

	step(
		'a drill: beside the running site, with nothing of its settings, and thrown away',
		async () => {
			followed.add('a drill');
			const free = await freePort();
			stands.push(['3999', String(free)]);
			const script = blockWith(restoring, 'drill() {');
			const typed = type(script);
			await answers(`http://127.0.0.1:${free}/track/${track}`, typed);
			// as ctrl-c does it
			await type('pkill -INT -P "$(pgrep -x runuser)"');
			assert.match(await typed, /^nothing is wrong$/m);
			await type(blockWith(restoring, 'rm -rf /var/tmp/drill'));
			assert.ok(!existsSync(machine.at('/var/tmp/drill')));
			assert.equal(await heard(track), 200);
		}
	);

	step('everything is lost, and it is a checkout', async () => {
		await type('systemctl stop plyr');
		const settings = localSettings().replaceAll(/^/gm, 'export ');
		const script = blockWith(restoring, 'npm start')
			.replace('cd plyr', 'cd plyr && ln -s /srv/prepared/node_modules /srv/prepared/build .')
			.replace(/ +# and whatever else was set/, `\n${settings}`);
		// somebody goes on in another terminal
		const [, rest = ''] = /^npm start +# in another terminal: (.*)$/m.exec(script) ?? [];
		assert.equal(rest, 'npm run plyr -- audit');
		await answers(`${url}/track/${track}`, type(script));
		const said = await type(`cd plyr\nexport PUBLIC_URL=${url}\n${settings}\n${rest}`);
		assert.match(said, /^nothing is wrong$/m);
		assert.deepEqual([await heard(track), await isSignedIn(alice)], [200, true]);
		assert.equal(statSync(machine.at('/root/plyr/.data/keys')).mode & 0o777, 0o700);
	});

	step('has a heading for nothing else', () => {
		const withBlocks = [...page].filter(([, blocks]) => blocks.length > 0).map(([name]) => name);
		assert.deepEqual(
			withBlocks.filter((name) => !followed.has(name)),
			[]
		);
	});
});
