import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Recording } from '../bench/recording.ts';
import { sendByTus } from '../bench/send-recording.ts';
import { Visitor } from '../integration/visitor.ts';

const PUBLISH_LIMIT_MS = 300_000;
const PART_BYTES = 32 * 1024 * 1024;
/** What a player asks for at a time. */
const RANGE_BYTES = 1024 * 1024;

interface UploadState {
	status: string;
	track_id: number;
	error: string | null;
	message: string | null;
}

/**
 * The way of an artist and of who listens: signs in through the pages of their PDS, sends a recording,
 * and hears it, range by range, as it was sent.
 */
export async function walkJourney(site: string, sizeBytes: number): Promise<{ trackId: number }> {
	const visitor = new Visitor(site);
	await visitor.signIn('alice');
	const session = visitor.cookies.get('session_id');
	assert.ok(session, 'alice could not sign in');
	const headers = { authorization: `Bearer ${session}` };
	const profile = await fetch(`${site}/api/artists/`, {
		method: 'POST',
		headers: { ...headers, 'content-type': 'application/json' },
		body: JSON.stringify({ display_name: 'alice' })
	});
	assert.ok(profile.ok, await profile.text());

	const recording = new Recording(sizeBytes, 1);
	const uploadId = await sendByTus({ url: site, headers }, recording, 'a long piece', PART_BYTES);
	const trackId = await published(site, uploadId, headers);
	const page = await visitor.open(`/track/${trackId}`);
	assert.match(await page.text(), /a long piece/);
	assert.equal(await listen(site, trackId), recording.fileId());
	return { trackId };
}

async function published(site: string, uploadId: string, headers: Record<string, string>) {
	const endsAt = Date.now() + PUBLISH_LIMIT_MS;
	for (;;) {
		const answer = await fetch(`${site}/api/tracks/uploads/${uploadId}`, { headers });
		const state = (await answer.json()) as UploadState;
		if (state.status === 'completed') return state.track_id;
		assert.notEqual(state.status, 'failed', state.error ?? '');
		assert.ok(Date.now() < endsAt, `not published in time: ${state.message ?? state.status}`);
		await sleep(500);
	}
}

/** @returns the start of the SHA-256 of all that was heard: the name of the file */
async function listen(site: string, trackId: number): Promise<string> {
	const track = await fetch(`${site}/api/tracks/${trackId}`);
	const { file_id: fileId } = (await track.json()) as { file_id: string };
	const hash = createHash('sha256');
	for (let at = 0, size = Infinity; at < size;) {
		const range = `bytes=${at}-${at + RANGE_BYTES - 1}`;
		const part = await fetch(`${site}/audio/${fileId}`, { headers: { range } });
		assert.equal(part.status, 206, await (part.status === 206 ? '' : part.text()));
		size = Number(part.headers.get('content-range')?.split('/')[1]);
		const bytes = new Uint8Array(await part.arrayBuffer());
		hash.update(bytes);
		at += bytes.byteLength;
	}
	return hash.digest('hex').slice(0, 16);
}
