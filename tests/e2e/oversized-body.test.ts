import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { text } from 'node:stream/consumers';
import type { AlbumMetadata } from '#lib/server/albums/albums-api.ts';
import type { Browser, Page } from 'playwright';
import { openBrowser, visit, type Visit } from './browser.ts';
import { publishTrack } from './publish-track.ts';
import { makeAudio } from './sample-files.ts';
import { type LocalSite, startLocalSite } from '../integration/local-site.ts';
import { Visitor } from '../integration/visitor.ts';

const MEBIBYTE = 1024 * 1024;

describe('a body that is too large', () => {
	let site: LocalSite;
	let alice: Visitor;
	let album: AlbumMetadata;
	before(async () => {
		site = await startLocalSite();
		alice = new Visitor(site.url);
		await alice.signIn('alice');
		const post = async (to: string, body: unknown) => {
			const headers = { origin: site.url, 'content-type': 'application/json' };
			return await alice.open(to, { method: 'POST', headers, body: JSON.stringify(body) });
		};
		assert.equal((await post('/api/artists/', { display_name: 'Alice' })).status, 200);
		const created = await post('/api/albums', { title: 'Tides' });
		assert.ok(created.ok, String(created.status));
		album = (await created.json()) as AlbumMetadata;
	});
	after(() => site.close());

	const cookie = () => [...alice.cookies].map((pair) => pair.join('=')).join('; ');

	const open = (method: string, to: string, type: string, sizeBytes: number) =>
		request(new URL(to, site.url), {
			method,
			agent: false,
			headers: {
				origin: site.url,
				accept: 'text/html',
				cookie: cookie(),
				'content-type': type,
				'content-length': sizeBytes
			}
		});

	/** As a browser does it: looks at the answer when everything is sent. */
	async function sendAll(method: string, to: string, type: string, sizeBytes: number) {
		const sending = open(method, to, type, sizeBytes);
		const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
		sending.end(Buffer.alloc(sizeBytes, 'a'));
		const [response] = await answered;
		return { status: response.statusCode, body: await text(response) };
	}

	/** Sends and never looks at the answer. @returns how many bytes went out before the connection was cut */
	async function sendUntilCut(
		method: string,
		to: string,
		headers: Record<string, string>,
		mebibytes: number
	): Promise<number> {
		const { hostname, port, host } = new URL(site.url);
		const socket = connect(Number(port), hostname);
		const lines = Object.entries({
			...{ host, origin: site.url, cookie: cookie() },
			...{ ...headers, 'content-length': String(mebibytes * MEBIBYTE) }
		}).map(([name, value]) => `${name}: ${value}`);
		socket.write([`${method} ${to} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
		const chunk = Buffer.alloc(MEBIBYTE);
		let sentBytes = 0;
		await new Promise<unknown>((resolve) => {
			socket.on('close', resolve).on('error', resolve);
			const more = (cause?: Error | null) => {
				if (cause || sentBytes >= mebibytes * MEBIBYTE) {
					resolve(cause);
					return;
				}
				sentBytes += chunk.length;
				socket.write(chunk, more);
			};
			more();
		});
		socket.destroy();
		return sentBytes;
	}

	it('is answered with json under the api', async () => {
		const to = `/api/albums/${album.id}`;
		const { status, body } = await sendAll('PATCH', to, 'application/json', 588_000);
		assert.equal(status, 413);
		assert.equal((JSON.parse(body) as { code: string }).code, 'body_too_large');
	});

	it('is cut off when it goes on and on', { timeout: 30_000 }, async () => {
		const type = { 'content-type': 'application/json' };
		const sentBytes = await sendUntilCut('PATCH', `/api/albums/${album.id}`, type, 2048);
		assert.ok(sentBytes < 128 * MEBIBYTE, String(sentBytes));
	});

	it('cuts a part of a resumable upload that is there already at once', async () => {
		const sizeBytes = 48 * MEBIBYTE;
		const headers = { origin: site.url, 'tus-resumable': '1.0.0' };
		const begun = await alice.open('/api/uploads/tus', {
			method: 'POST',
			headers: {
				...headers,
				'upload-length': String(sizeBytes),
				'upload-metadata': `filename ${Buffer.from('a.wav').toString('base64')}`
			}
		});
		assert.equal(begun.status, 201);
		const to = begun.headers.get('location') ?? '';
		const wave = Buffer.alloc(MEBIBYTE);
		wave.write('RIFF\x24\x00\x00\x04WAVEfmt ', 'latin1');
		const part = { ...headers, 'content-type': 'application/offset+octet-stream' };
		const first = await alice.open(to, {
			method: 'PATCH',
			headers: { ...part, 'upload-offset': '0' },
			body: wave
		});
		assert.equal(first.status, 204);
		const again = { ...part, 'upload-offset': '0' };
		const sentBytes = await sendUntilCut('PATCH', to, again, 40);
		assert.ok(sentBytes < 16 * MEBIBYTE, String(sentBytes));
	});

	describe('in a browser', () => {
		let dir: string;
		let picture: string;
		let browser: Browser;
		let trackId: number;
		before(async () => {
			dir = await mkdtemp(path.join(tmpdir(), 'plyr-oversized-'));
			picture = path.join(dir, 'large.jpg');
			await writeFile(picture, Buffer.alloc(30 * MEBIBYTE));
			const song = path.join(dir, 'song.mp3');
			await makeAudio(song, { seconds: 2, frequencyHz: 210 });
			browser = await openBrowser();
			const window = await visitAsAlice();
			({ id: trackId } = await publishTrack(window, site.url, song, { title: 'ebb' }));
			await window.context.close();
		});
		after(async () => {
			await browser.close();
			await rm(dir, { recursive: true, force: true });
		});

		async function visitAsAlice(options: Parameters<typeof visit>[1] = {}): Promise<Visit> {
			const window = await visit(browser, options);
			const cookies = [...alice.cookies].map(([name, value]) => ({ name, value, url: site.url }));
			await window.context.addCookies(cookies);
			return window;
		}

		const trackForm = () => `${site.url}/track/${trackId}/edit`;
		const albumForm = () => `${site.url}/u/alice.test/album/${album.slug}/edit`;

		async function choosePicture(page: Page, form: string): Promise<void> {
			await page.goto(form);
			await page.locator('main input[type=file]').setInputFiles(picture);
		}

		it('shows a sentence where there are no scripts', { timeout: 120_000 }, async () => {
			const { page, context } = await visitAsAlice({ javaScriptEnabled: false });
			await choosePicture(page, trackForm());
			await page.getByRole('button', { name: 'save', exact: true }).click();
			await page.getByRole('alert').getByText('image too large (max 20MB)').waitFor();
			await choosePicture(page, albumForm());
			await page.getByRole('button', { name: 'save cover' }).click();
			await page.getByRole('alert').getByText('the picture is larger than 20 MB').waitFor();
			await page.goto(`${site.url}/portal/albums/new`);
			const words = page.locator('textarea').first();
			await words.evaluate((area: HTMLTextAreaElement) => {
				area.removeAttribute('maxlength');
				area.value = 'a'.repeat(2_000_000);
			});
			await page.getByLabel('title', { exact: true }).fill('Long');
			await page.getByRole('button', { name: 'create album' }).click();
			await page.getByText('a request like this has at most').waitFor();
			await context.close();
		});

		it('is not even sent where there are', { timeout: 60_000 }, async () => {
			const { page, context } = await visitAsAlice();
			const sent: string[] = [];
			page.on('request', (request) => {
				if (request.method() === 'POST') sent.push(request.url());
			});
			for (const [form, button] of [
				[trackForm(), 'save'],
				[albumForm(), 'save cover']
			] as const) {
				await choosePicture(page, form);
				const field = page.locator('main input[type=file]');
				const problem = () => field.evaluate((input: HTMLInputElement) => input.validationMessage);
				assert.equal(await problem(), 'this picture is larger than 20 MB. choose a smaller one');
				await page.getByRole('button', { name: button, exact: true }).click();
				assert.equal(page.url(), form);
				const small = { name: 'a.png', mimeType: 'image/png', buffer: Buffer.alloc(10) };
				await field.setInputFiles(small);
				assert.equal(await problem(), '', 'a smaller one can be saved');
			}
			assert.deepEqual(sent, []);
			await context.close();
		});
	});
});
