import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import type { Visit } from './browser.ts';

/**
 * Publishes a file, or gives a track another one, as a program of the person who is signed in would.
 * @param fields of the form, beside the file
 * @param picture path of its artwork
 * @returns the track when it is published
 */
export async function publishTrack(
	{ context }: Pick<Visit, 'context'>,
	url: string,
	file: string,
	fields: Record<string, string> = {},
	picture?: string
): Promise<TrackResponse> {
	const { request } = context;
	const sent = await request.post(`${url}/api/tracks/`, {
		headers: { origin: url },
		multipart: {
			rights_confirmed: 'true',
			...fields,
			...(picture === undefined ? {} : { image: await fileAt(picture, 'image/png') }),
			file: await fileAt(file, 'audio/mpeg')
		}
	});
	assert.ok(sent.ok(), await sent.text());
	const { upload_id: id } = (await sent.json()) as { upload_id: string };
	for (;;) {
		const answer = await request.get(`${url}/api/tracks/uploads/${id}`);
		const state = (await answer.json()) as {
			status: string;
			track_id: number | null;
			error: string | null;
		};
		assert.equal(state.error, null);
		if (state.status === 'completed') {
			return (await (
				await request.get(`${url}/api/tracks/${state.track_id}`)
			).json()) as TrackResponse;
		}
		await sleep(200);
	}
}

const fileAt = async (file: string, mimeType: string) => ({
	name: path.basename(file),
	mimeType,
	buffer: await readFile(file)
});
