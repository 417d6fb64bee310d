import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import { Visitor } from './visitor.ts';

/** Somebody signed in who has an artist profile. */
export async function becomeArtist(site: string, name: 'alice' | 'bob'): Promise<Visitor> {
	const visitor = new Visitor(site);
	await visitor.signIn(name);
	await sendJson(visitor, 'POST', '/api/artists/', { display_name: `The ${name} & <friends>` });
	return visitor;
}

export const sendJson = (visitor: Visitor, method: string, path: string, body: unknown) =>
	visitor.open(path, {
		method,
		headers: {
			origin: visitor.site,
			'content-type': 'application/json',
			accept: 'application/json'
		},
		body: JSON.stringify(body)
	});

/** A track with artwork, of a second of music of its own. @returns its id */
export async function publishTrack(
	artist: Visitor,
	fields: Record<string, string>,
	edgePx = 1600
): Promise<number> {
	const form = new FormData();
	for (const [name, value] of Object.entries(fields)) form.set(name, value);
	const bytes = await makeSample('mp3', { seconds: 1, hertz: 300 + Math.random() * 300 });
	form.set('file', new Blob([Uint8Array.from(bytes)]), 'tone.mp3');
	const picture = await sharp({
		create: { width: edgePx, height: edgePx, channels: 3, background: '#a04060' }
	})
		.png()
		.toBuffer();
	form.set('image', new Blob([Uint8Array.from(picture)], { type: 'image/png' }), 'a.png');
	const headers = { origin: artist.site };
	const sent = await artist.open('/api/tracks/', { method: 'POST', headers, body: form });
	assert.equal(sent.status, 200, await sent.clone().text());
	const { upload_id: id } = (await sent.json()) as { upload_id: string };
	for (let i = 0; i < 300; i++) {
		const answer = await artist.open(`/api/tracks/uploads/${id}`);
		const state = (await answer.json()) as UploadState;
		assert.notEqual(state.status, 'failed', state.error ?? '');
		if (state.status === 'completed') return state.track_id ?? 0;
		await sleep(100);
	}
	throw new Error('the upload is not finished');
}
