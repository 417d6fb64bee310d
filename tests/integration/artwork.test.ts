import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import {
	bucketEnvironment,
	describeWithS3,
	startTestBucket,
	type TestBucket
} from '#lib/server/storage/contract/bucket.ts';
import { plain } from '#lib/server/testing/picture-shelf.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { Visitor } from './visitor.ts';

const CHROMIUM = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';

/** Somebody who may bring pictures. */
async function artistOf(site: LocalSite): Promise<Visitor> {
	const alice = new Visitor(site.url);
	await alice.signIn('alice');
	const profile = await alice.open('/api/artists/', {
		method: 'POST',
		headers: { origin: site.url, 'content-type': 'application/json' },
		body: JSON.stringify({ display_name: 'Alice' })
	});
	assert.equal(profile.status, 200);
	return alice;
}

const send = (alice: Visitor, bytes: Uint8Array) =>
	alice.open('/api/images', {
		method: 'POST',
		headers: { origin: alice.site, 'content-type': 'application/octet-stream' },
		body: Uint8Array.from(bytes)
	});

async function keep(alice: Visitor, bytes: Uint8Array): Promise<string> {
	const answer = await send(alice, bytes);
	assert.equal(answer.status, 201);
	const { image_id: imageId } = (await answer.json()) as { image_id: string };
	return imageId;
}

const formatOf = async (response: Response) => {
	const { format, compression, width, height } = await sharp(
		await response.arrayBuffer()
	).metadata();
	return [compression === 'av1' ? 'avif' : format, width, height];
};

describe('artwork over http', () => {
	let site: LocalSite;
	let alice: Visitor;
	let imageId: string;
	before(async () => {
		site = await startLocalSite();
		alice = await artistOf(site);
		imageId = await keep(alice, await plain(1600, 1200).jpeg().toBuffer());
	});
	after(() => site.close());

	const post = (body: Uint8Array<ArrayBuffer> | FormData | string, headers = {}) =>
		alice.open('/api/images', { method: 'POST', headers: { origin: site.url, ...headers }, body });
	const get = (query: string, headers: Record<string, string> = {}, method = 'GET') =>
		fetch(new URL(`/images/${imageId}${query}`, site.url), { method, headers });

	it('comes in the size, shape and format that is asked for', async () => {
		const cases: [string, unknown[]][] = [
			['?size=96&format=avif', ['avif', 96, 96]],
			['?size=320&format=webp', ['webp', 320, 320]],
			['?size=640&shape=full&format=jpeg', ['jpeg', 640, 480]],
			['?shape=full&format=avif', ['avif', 1200, 900]]
		];
		for (const [query, wanted] of cases) {
			const response = await get(query);
			assert.equal(response.status, 200, query);
			assert.equal(response.headers.get('content-type'), `image/${String(wanted[0])}`);
			assert.equal(response.headers.get('vary'), null, 'the address says it all');
			assert.deepEqual(await formatOf(response), wanted, query);
		}
	});

	it('without a format it is the best the browser reads, and caches are told so', async () => {
		for (const [accept, format] of [
			[CHROMIUM, 'avif'],
			['image/webp,*/*', 'webp'],
			['*/*', 'jpeg']
		] as const) {
			const response = await get('?size=320', { accept });
			assert.equal(response.headers.get('vary'), 'accept');
			assert.deepEqual(await formatOf(response), [format, 320, 320]);
		}
	});

	it('is kept by browsers for ever, and each form has a tag of its own', async () => {
		const tags = new Set<string>();
		for (const query of ['?size=320', '?size=96', '?size=320&shape=full']) {
			for (const accept of [CHROMIUM, 'image/webp', '*/*']) {
				const response = await get(query, { accept });
				assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
				const etag = response.headers.get('etag') ?? '';
				tags.add(etag);
				const again = await get(query, { accept, 'if-none-match': etag });
				assert.equal(again.status, 304);
				assert.equal(again.headers.get('vary'), 'accept');
				assert.equal((await again.arrayBuffer()).byteLength, 0);
			}
		}
		assert.equal(tags.size, 9);
		const head = await get('?size=96&format=avif', {}, 'HEAD');
		assert.equal(head.status, 200);
		assert.ok(Number(head.headers.get('content-length')) > 0);
	});

	it('what there is not is said with its field', async () => {
		for (const [query, status] of [
			['?size=100', 422],
			['?size=320&shape=round', 422],
			['?format=png', 422]
		] as const) {
			const response = await get(query);
			assert.equal(response.status, status, query);
			const { code, detail } = (await response.json()) as { code: string; detail: unknown };
			assert.equal(code, 'invalid_field');
			assert.match(JSON.stringify(detail), /is one of/);
		}
		const missing = await fetch(new URL('/images/0123456789abcdef?size=96', site.url));
		assert.equal(missing.status, 404);
	});

	it('without a content-type is refused for that, and kept with that of a picture', async () => {
		const png = Uint8Array.from(await plain(32, 32).png().toBuffer());
		const untyped = await post(png);
		const { code, detail } = (await untyped.json()) as { code: string; detail: string };
		assert.deepEqual([untyped.status, code], [415, 'picture_expected']);
		assert.match(detail, /with its content-type, such as image\/jpeg$/);
		assert.equal((await post(png, { 'content-type': 'image/gif' })).status, 201);
	});

	it('the same picture is the same image, and what is none is refused with a sentence', async () => {
		assert.equal(await keep(alice, await plain(1600, 1200).jpeg().toBuffer()), imageId);
		const refusals: [Uint8Array | FormData | string, number, string, RegExp][] = [
			[
				Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
				400,
				'unsupported_image',
				/not a picture/
			],
			[
				Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
				400,
				'heic_unreadable',
				/send that/
			],
			[Buffer.alloc(0), 400, 'missing_file', /no picture/],
			[Buffer.alloc(20 * 1024 * 1024 + 1), 413, 'image_too_large', /max 20MB/],
			['a text', 415, 'picture_expected', /send the picture itself/],
			[new FormData(), 415, 'picture_expected', /send the picture itself/]
		];
		for (const [bytes, status, code, sentence] of refusals) {
			const answer = await (bytes instanceof Uint8Array ? send(alice, bytes) : post(bytes));
			const body = (await answer.json()) as { code: string; detail: string };
			assert.deepEqual([answer.status, body.code], [status, code]);
			assert.match(body.detail, sentence);
		}
	});
});

describeWithS3('artwork over http, kept in s3', () => {
	let bucket: TestBucket;
	let site: LocalSite;
	before(async () => {
		bucket = await startTestBucket();
		site = await startLocalSite({
			...bucketEnvironment(bucket)
		});
	});
	after(async () => {
		await site.close();
		await bucket.stop();
	});

	it('is fetched from the bucket, in the format the browser reads', async () => {
		const alice = await artistOf(site);
		const imageId = await keep(alice, await plain(900, 600).png().toBuffer());
		for (const [accept, format] of [
			[CHROMIUM, 'avif'],
			['image/webp', 'webp'],
			['*/*', 'jpeg']
		] as const) {
			const address = new URL(`/images/${imageId}?size=320`, site.url);
			const sent = await fetch(address, { headers: { accept }, redirect: 'manual' });
			assert.equal(sent.status, 307);
			assert.equal(sent.headers.get('vary'), 'accept');
			const response = await fetch(sent.headers.get('location') ?? '');
			assert.equal(response.headers.get('content-type'), `image/${format}`);
			assert.match(response.headers.get('cache-control') ?? '', /immutable/);
			assert.deepEqual(await formatOf(response), [format, 320, 320]);
		}
	});
});
