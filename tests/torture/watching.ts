import { setTimeout as sleep } from 'node:timers/promises';
import type { Model, ModelUpload } from './model.ts';
import { discard } from './sending-actions.ts';

const PAUSE_MS = 400;

/** What could not be done as things were: trying again is the artist's to ask for. */
const RETRIED = new Set(['gave_up', 'record_refused', 'record_taken', 'conversion_failed']);

/** Looks after everything that was sent, as the page of uploads does, until it is told to stop. */
export async function watchUploads(model: Model, signal: AbortSignal): Promise<void> {
	while (!signal.aborted) {
		await lookOnce(model);
		await sleep(PAUSE_MS);
	}
}

/** Asks about every upload that is under way. */
export async function lookOnce(model: Model): Promise<void> {
	for (const upload of model.uploads.values()) {
		if (upload.state === 'accepted') await look(model, upload);
	}
}

async function look(model: Model, upload: ModelUpload): Promise<void> {
	const path = `/api/tracks/uploads/${upload.id}`;
	const answer = await upload.artist.call({ method: 'GET', path });
	// it may have been taken back meanwhile
	if (!answer || upload.state !== 'accepted') return;
	const { status, error_code: code, track_id: trackId } = answer.json;
	if (answer.status === 404) {
		upload.state = 'gone';
		model.noteGone(upload);
	}
	if (status === 'completed') model.complete(upload, Number(trackId));
	if (status === 'waiting' && code === 'sign_in_again') await upload.artist.signIn();
	if (status !== 'failed') return;
	if (RETRIED.has(String(code))) await retry(model, upload, path);
	else model.fail(upload, String(code));
}

async function retry(model: Model, upload: ModelUpload, path: string): Promise<void> {
	const said = await upload.artist.insist({ method: 'POST', path: `${path}/retry` });
	if (said?.answer.status === 200) return;
	await discard(model, upload);
	if (upload.release?.tracksGo) return;
	model.surprise('retry_refused', `upload ${upload.id}: ${said?.answer.code}`);
}
