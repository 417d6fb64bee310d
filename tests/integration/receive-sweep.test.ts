import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connectDatabase } from '#lib/server/db/connect.ts';
import { insertUpload, type UploadRow } from '#lib/server/uploads/queries.ts';
import { keepLease, MAX_ARRIVING, tryLease } from '#lib/server/uploads/lease.ts';
import { sweepUploads } from '#lib/server/uploads/sweep.ts';
import { ALICE, FORM_TYPE, formBody, noise, send } from './receiving/requests.ts';
import { sha256, startWorld, type World } from './receiving/world.ts';

let world: World;
before(async () => (world = await startWorld()));
after(() => world.end());

const wav = noise(50_000);
const HOUR_MS = 60 * 60 * 1000;
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

let count = 0;
async function upload(change: Partial<Parameters<typeof insertUpload>[1]>, staged = wav) {
	count += 1;
	const row = await insertUpload(world.database.db, {
		id: crypto.randomUUID(),
		artist_did: ALICE,
		rkey: `3l${String(count).padStart(11, 'b')}`,
		status: 'receiving',
		stage: 'receiving',
		message: 'receiving your file',
		file_name: 'a.wav',
		fields: '{"title":"a song"}',
		findings: '{}',
		size_bytes: wav.length,
		...change
	});
	if (staged.length > 0) await world.ctx.storage.staging.append(row.id, 0, staged);
	return row;
}
const half = wav.subarray(0, 20_000);
const exists = async ({ id }: UploadRow) => {
	const { status } = await send(`${world.url}/api/tracks/uploads/${id}`);
	const isStaged = (await world.stagedHash(id)) !== null;
	return { row: status === 200, bytes: isStaged };
};
const all = { row: true, bytes: true };
const nothing = { row: false, bytes: false };
const age = async (id: string, hours: number) => {
	const file = path.join(world.options.storageDir, 'staging', id);
	await utimes(file, ago(hours), ago(hours));
};

describe('the sweep', () => {
	it('removes resumable uploads that ran out, and leaves the others', async () => {
		const over = await upload({ expires_at: ago(1) }, half);
		const alive = await upload({ expires_at: ago(-1) }, half);
		const swept = await sweepUploads(world.ctx);
		assert.deepEqual(swept, { finished: 0, abandoned: 1, orphans: 0 });
		assert.deepEqual(await exists(over), nothing);
		assert.deepEqual(await exists(alive), all);
	});

	it('finishes a resumable upload whose last byte had arrived', async () => {
		const whole = await upload({ expires_at: ago(1) });
		assert.deepEqual(await sweepUploads(world.ctx), { finished: 1, abandoned: 0, orphans: 0 });
		assert.equal(await world.jobsOf(whole.id), 1);
		const answer = await send(`${world.url}/api/tracks/uploads/${whole.id}`);
		assert.equal((JSON.parse(answer.text) as { stage: string }).stage, 'received');
		assert.equal(await world.stagedHash(whole.id), sha256(wav));
	});

	it('finishes one whose last byte had arrived long before it runs out', async () => {
		const whole = await upload({ expires_at: ago(-23), received_bytes: 0 });
		const held = await upload({ expires_at: ago(-23) }, noise(wav.length, 2));
		const lease = await tryLease(world.ctx, held);
		assert.deepEqual(await sweepUploads(world.ctx), { finished: 1, abandoned: 0, orphans: 0 });
		assert.equal(await world.jobsOf(whole.id), 1);
		assert.equal(await world.jobsOf(held.id), 0);
		await lease?.release();
		assert.deepEqual(await sweepUploads(world.ctx), { finished: 1, abandoned: 0, orphans: 0 });
		assert.equal(await world.jobsOf(held.id), 1);
	});

	it('leaves what it cannot finish while many files of its artist arrive', async () => {
		const whole = await upload({ expires_at: ago(1) }, noise(wav.length, 3));
		const others = await Promise.all(
			Array.from({ length: MAX_ARRIVING }, () => upload({ expires_at: ago(-1) }, half))
		);
		const leases = await Promise.all(others.map((other) => tryLease(world.ctx, other)));
		assert.deepEqual(await sweepUploads(world.ctx), { finished: 0, abandoned: 0, orphans: 0 });
		assert.deepEqual(await exists(whole), all);
		for (const lease of leases) await lease?.release();
		assert.equal((await sweepUploads(world.ctx)).finished, 1);
		assert.equal(await world.jobsOf(whole.id), 1);
	});

	it('removes forms whose process died, and none that is still arriving', async () => {
		const dead = await upload({ size_bytes: null, created_at: ago(1) }, half);
		const arriving = await upload({ size_bytes: null, created_at: ago(1) }, half);
		const lease = await tryLease(world.ctx, arriving);
		await sweepUploads(world.ctx);
		assert.deepEqual(await exists(dead), nothing);
		assert.deepEqual(await exists(arriving), all);
		await lease?.release();
		await sweepUploads(world.ctx);
		assert.deepEqual(await exists(arriving), nothing);
	});

	it('removes staged bytes that belong to nothing, when they are a day old', async () => {
		const [fresh, old] = [crypto.randomUUID(), crypto.randomUUID()];
		await world.ctx.storage.staging.append(fresh, 0, wav);
		await world.ctx.storage.staging.append(old, 0, wav);
		await age(old, 25);
		await sweepUploads(world.ctx);
		assert.equal(await world.ctx.storage.staging.size(old), null);
		assert.equal(await world.ctx.storage.staging.size(fresh), wav.length);
	});

	it('keeps the bytes an upload still needs, however old, and of failed ones for a month', async () => {
		const state = { stage: 'received', expires_at: null } as const;
		const waiting = await upload({ ...state, status: 'waiting', created_at: ago(24 * 90) });
		const failed = await upload({ ...state, status: 'failed', updated_at: ago(24 * 29) });
		const forgotten = await upload({ ...state, status: 'failed', updated_at: ago(24 * 31) });
		const completed = await upload({ ...state, status: 'completed' });
		// whoever refused it died before its bytes were gone
		const useless = { status: 'failed', error_code: 'duplicate_upload' } as const;
		const refused = await upload({ ...state, ...useless, updated_at: ago(24 * 2) });
		for (const { id } of [waiting, failed, forgotten, completed, refused]) await age(id, 24 * 90);
		await sweepUploads(world.ctx);
		assert.deepEqual(await exists(waiting), all);
		assert.deepEqual(await exists(failed), all);
		assert.deepEqual(await exists(forgotten), { row: true, bytes: false });
		assert.deepEqual(await exists(completed), { row: true, bytes: false });
		assert.deepEqual(await exists(refused), { row: true, bytes: false });
	});
});

/** A line to the database that can go silent for a while, as networks do. */
async function openLine({ host, port, ...rest }: World['options']['database']) {
	const pairs = new Set<[Socket, Socket]>();
	const join = ([incoming, outgoing]: [Socket, Socket]) => incoming.pipe(outgoing).pipe(incoming);
	const proxy = createServer((incoming) => {
		const outgoing = connect(path.join(host, `.s.PGSQL.${port}`));
		for (const socket of [incoming, outgoing]) socket.on('error', () => undefined);
		const pair: [Socket, Socket] = [incoming, outgoing];
		pairs.add(pair);
		join(pair);
	});
	await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
	return {
		address: { ...rest, host: '127.0.0.1', port: (proxy.address() as AddressInfo).port },
		goSilent: () => [...pairs].flat().forEach((socket) => socket.pause().unpipe()),
		goOn: () => [...pairs].forEach(join),
		close: () => proxy.close()
	};
}

describe('the right to write an upload', () => {
	it('ends before anybody else can have it, when the database does not answer', async () => {
		const row = await upload({}, Buffer.alloc(0));
		const line = await openLine(world.options.database);
		const cut = connectDatabase(line.address, world.ctx.config.database);
		try {
			const lease = await tryLease({ ...world.ctx, db: cut.db }, row);
			assert.ok(lease);
			lease.check();
			line.goSilent();
			await new Promise((resolve) => lease.signal.addEventListener('abort', resolve));
			assert.throws(() => lease.check(), { code: 'database_unavailable', status: 503 });
			assert.equal(await tryLease(world.ctx, row), null);
		} finally {
			line.goOn();
			await cut.close(1);
			line.close();
		}
	});

	it('is not given to a second request while the first has it', async () => {
		const row = await upload({}, Buffer.alloc(0));
		const first = await tryLease(world.ctx, row);
		assert.ok(first);
		assert.equal(await tryLease(world.ctx, row), null);
		await first.release();
		const second = await tryLease(world.ctx, row);
		assert.ok(second);
		await second.release();
	});

	it('is kept, and the log hears of it, when what is done on its beat fails', async () => {
		const row = await upload({}, Buffer.alloc(0));
		const heard = Promise.withResolvers<Record<string, unknown>>();
		const log = { ...world.ctx.log, warn: (_: string, facts = {}) => heard.resolve(facts) };
		const failing = () => Promise.reject(new Error('no progress today'));
		const lease = await tryLease({ ...world.ctx, log }, row, failing);
		assert.ok(lease);
		assert.equal((await heard.promise)['error'], 'no progress today');
		lease.check();
		await lease.release();
	});

	it('is lost by a process that was away for too long', async () => {
		const row = await upload({}, Buffer.alloc(0));
		const slow = keepLease(world.ctx, row, crypto.randomUUID());
		const lost = new Promise((resolve) => slow.signal.addEventListener('abort', resolve));
		await lost;
		assert.throws(() => slow.check(), { code: 'upload_taken_over' });
		await slow.release();
	});
});

describe('a form of a process that died', () => {
	it('makes room for the repetition with the same key', async () => {
		const dead = await upload({ size_bytes: null, idempotency_key: 'once-more' }, half);
		const answer = await send(`${world.url}/api/tracks`, {
			method: 'POST',
			headers: { ...FORM_TYPE, 'idempotency-key': 'once-more' },
			body: formBody([
				{ name: 'title', content: 'a song' },
				{ name: 'file', content: wav, fileName: 'a.wav' }
			])
		});
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual(await exists(dead), nothing);
	});
});
