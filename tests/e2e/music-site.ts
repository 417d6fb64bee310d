import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { Visitor } from '../integration/visitor.ts';
import { openBrowser, visit, type Visit } from './browser.ts';
import { publishTrack } from './publish-track.ts';
import { type RunningProduct, startProduct } from './running-product.ts';
import { makeAudio, makePicture } from './sample-files.ts';

/** The product, a browser, and what is published in it by alice, who is signed in with a profile. */
export interface MusicSite {
	product: RunningProduct;
	browser: Browser;
	alice: Visit;
	/** a folder of its own */
	dir: string;
	/** address of a path */
	at(path: string): string;
	/** publishes a tone of so many seconds */
	publish(fields: Record<string, string>, more?: Sound): Promise<TrackResponse>;
	/** a window of somebody who is signed in, and has a profile when a name is given */
	signedIn(name: string, displayName?: string, options?: Options): Promise<Visit>;
	close(): Promise<void>;
}

interface Sound {
	seconds?: number;
	hasPicture?: boolean;
	/** path of another picture */
	picture?: string;
}

type Options = Parameters<typeof visit>[1];

/**
 * Starts it. Call `close` in `after`.
 * @param changes to the environment of the product
 */
export async function startMusicSite(
	displayName: string,
	changes: Parameters<typeof startProduct>[0] = {}
): Promise<MusicSite> {
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-music-'));
	const picture = path.join(dir, 'picture.png');
	await makePicture(picture);
	const product = await startProduct(changes);
	const browser = await openBrowser();
	const { url } = product;
	const signedIn: MusicSite['signedIn'] = async (name, profile, options) => {
		const visitor = new Visitor(url);
		await visitor.signIn(name);
		if (profile !== undefined) await makeProfileOf(visitor, profile);
		const visited = await visit(browser, options);
		const cookies = [...visitor.cookies].map(([key, value]) => ({ name: key, value }));
		const facts = { url, httpOnly: true, sameSite: 'Lax' as const };
		await visited.context.addCookies(cookies.map((cookie) => ({ ...cookie, ...facts })));
		return visited;
	};
	const alice = await signedIn('alice', displayName);
	let count = 0;
	return {
		product,
		browser,
		alice,
		dir,
		at: (more) => url + more,
		async publish(fields, { seconds = 2, hasPicture = true, picture: other = picture } = {}) {
			const file = path.join(dir, `${count++}.mp3`);
			await makeAudio(file, { seconds, frequencyHz: 200 + 30 * count });
			return await publishTrack(alice, url, file, fields, hasPicture ? other : undefined);
		},
		signedIn,
		async close() {
			await browser.close();
			await product.stop();
			await rm(dir, { recursive: true, force: true });
		}
	};
}

async function makeProfileOf(visitor: Visitor, displayName: string): Promise<void> {
	const answer = await visitor.open('/api/artists/', {
		method: 'POST',
		headers: {
			origin: visitor.site,
			'content-type': 'application/json',
			accept: 'application/json'
		},
		body: JSON.stringify({ display_name: displayName })
	});
	assert.ok(answer.ok, await answer.text());
}
