import assert from 'node:assert/strict';
import sharp from 'sharp';

/** Gives one of the local people a public profile with a picture, as a program of theirs elsewhere does. */
export async function writePublicProfile(
	pdsUrl: string,
	name: string,
	profile: { displayName: string; color: string }
): Promise<void> {
	const call = async (nsid: string, type: string, body: BodyInit, token?: string) => {
		const headers = new Headers({ 'content-type': type });
		if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
		const url = new URL(`/xrpc/${nsid}`, pdsUrl);
		const response = await fetch(url, { method: 'POST', headers, body });
		assert.equal(response.status, 200, nsid);
		return (await response.json()) as Record<string, unknown>;
	};
	const account = { identifier: `${name}.test`, password: `${name}-pass` };
	const session = await call(
		'com.atproto.server.createSession',
		'application/json',
		JSON.stringify(account)
	);
	const token = String(session['accessJwt']);
	const picture = await sharp({
		create: { width: 64, height: 64, channels: 3, background: profile.color }
	})
		.png()
		.toBuffer();
	const bytes = new Uint8Array(picture);
	const { blob } = await call('com.atproto.repo.uploadBlob', 'image/png', bytes, token);
	const collection = 'app.bsky.actor.profile';
	const record = { $type: collection, displayName: profile.displayName, avatar: blob };
	const write = { repo: session['did'], collection, rkey: 'self', record };
	await call('com.atproto.repo.putRecord', 'application/json', JSON.stringify(write), token);
}
