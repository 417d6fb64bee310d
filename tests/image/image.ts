/**
 * Makes the image as its Dockerfile says, from an empty Debian, and walks the journey in it: as nobody with
 * rights, on a file system that cannot be written to, pages, jobs and PostgreSQL in 256 MiB, the transcoder
 * in as much. Ends with 1 when it is not so. Needs root; layers are kept in node_modules/.cache/image.
 *   npm run test:image [-- --anew --mib 100 --limit 256]
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { canInstallPackages, installPackages } from '../../dev/apt.ts';
import { findOnPath } from '../../dev/ffmpeg.ts';
import { Lifetime } from '../../dev/lifetime.ts';
import { startNetwork } from '../../dev/network/start-network.ts';
import { say } from '../../dev/say.ts';
import { freePort } from '../free-port.ts';
import { buildImage, type Image } from './build-image.ts';
import { Container } from './container.ts';
import { walkJourney } from './journey.ts';
import { LayerStore } from './layer-store.ts';
import { forgetCached, MemoryGroup } from './memory-group.ts';

const MIB = 1024 * 1024;
const STORE = 'node_modules/.cache/image';
/** Debian 12 */
const SUITE = 'bookworm';

const { values: options } = parseArgs({
	options: {
		anew: { type: 'boolean', default: false },
		mib: { type: 'string', default: '100' },
		limit: { type: 'string', default: '256' }
	}
});

const begun = performance.now();
const tell = (line: string) =>
	say(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${line}`);

function makeImage(): Image {
	if (options.anew) rmSync(STORE, { recursive: true, force: true });
	const store = new LayerStore(STORE);
	const image = buildImage('Dockerfile', store, {
		base: (from) => {
			assert.match(from, /^debian:12\.\d+-slim$/, 'another base needs another suite here');
			return store.add([], `debian-${SUITE}`, (root) =>
				store.run('mmdebstrap', ['--variant=minbase', SUITE, root])
			);
		},
		say: (line) => tell(line.slice(0, 120))
	});
	store.removeUnused();
	// what was written just now is in memory on somebody else's account: a new machine reads it from its disk
	forgetCached(store.dir);
	return image;
}

async function ensureTools(): Promise<void> {
	if (process.getuid?.() !== 0) throw new Error('only root may put file systems together');
	if (findOnPath('mmdebstrap')) return;
	assert.ok(canInstallPackages(), 'mmdebstrap is needed: apt-get install mmdebstrap');
	await installPackages(['mmdebstrap'], new Lifetime());
}

/** Pages, jobs and database in one container, the transcoder in another, both of the image. */
async function walk(image: Image): Promise<void> {
	const dir = mkdtempSync(path.join(tmpdir(), 'plyr-image-'));
	const network = await startNetwork({ dir });
	const limit = Number(options.limit);
	const [siteMemory, transcoderMemory] = [
		new MemoryGroup('site', limit),
		new MemoryGroup('transcoder', limit)
	];
	const [port, transcoderPort] = [await freePort(), await freePort()];
	const key = { TRANSCODER_AUTH_TOKEN: 'a-key-of-this-test' };
	const transcoder = new Container(image, {
		env: { ...key, ROLES: 'transcoder', TRANSCODER_PORT: String(transcoderPort) },
		memory: transcoderMemory
	});
	const site = new Container(image, {
		env: {
			...key,
			ROLES: 'web,worker',
			PUBLIC_URL: `http://127.0.0.1:${port}`,
			PORT: String(port),
			TRANSCODER_URL: `http://127.0.0.1:${transcoderPort}`,
			ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
			ATPROTO_PLC_URL: network.plcUrl,
			ATPROTO_HANDLE_RESOLVER_URL: network.pdsUrl,
			DEV_ALLOW_INSECURE_NETWORK: 'true'
		},
		memory: siteMemory
	});
	try {
		const watched = [siteMemory.watch(), transcoderMemory.watch()];
		await Promise.all([transcoder.healthy(), site.healthy()]);
		tell(`both are healthy; the site holds ${siteMemory.heldMib().toFixed(0)} MiB`);
		await walkJourney(`http://127.0.0.1:${port}`, Number(options.mib) * MIB);
		tell(`signed in, sent ${options.mib} MiB, heard them`);
		const most = watched.map((end) => end());
		for (const [index, name, memory] of [
			[0, 'pages, jobs, postgres', siteMemory],
			[1, 'transcoder', transcoderMemory]
		] as const) {
			const [held, peak] = [memory.heldMib().toFixed(0), memory.peakMib().toFixed(0)];
			tell(
				`${name}: held ${(most[index] ?? NaN).toFixed(0)} of ${limit} MiB at most, holds ${held} now; ${peak} at most with files that can be read again, ${memory.faults()} page faults`
			);
			assert.equal(memory.killed(), 0, `${name}: something was killed for want of memory`);
		}
		// what its operator runs beside it has to fit as well
		const { code, output } = site.exec('plyr', 'doctor');
		assert.equal(code, 0, output);
		tell(`plyr doctor, in the same memory: ${output.trim().split('\n').at(-1) ?? ''}`);
		assert.equal(siteMemory.killed(), 0, 'something was killed for want of memory');
		const ends = [await site.stop(), await transcoder.stop()];
		assert.deepEqual(ends, [
			{ code: 0, signal: null },
			{ code: 0, signal: null }
		]);
	} catch (cause) {
		say(site.output.slice(-6000));
		say(transcoder.output.slice(-2000));
		throw cause;
	} finally {
		await site.remove();
		await transcoder.remove();
		await siteMemory.remove();
		await transcoderMemory.remove();
		await network.stop();
		rmSync(dir, { recursive: true, force: true });
	}
}

await ensureTools();
const load = loadavg()[0]?.toFixed(1) ?? '';
tell(`${availableParallelism()} processors, load ${load}`);
await walk(makeImage());
tell('all is well');
