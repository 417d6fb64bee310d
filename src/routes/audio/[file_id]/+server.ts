import { api } from '#lib/server/http/respond.ts';
import { sendObjectPreflight } from '#lib/server/http/send-object.ts';
import { answerObject } from '#lib/server/http/stored-object.ts';
import { getStreamedFile } from '#lib/server/tracks/tracks.ts';
import type { RequestEvent } from './$types.js';

/** The audio of a track: what every player, ours or anybody's, fetches. */
export const GET = api(async (event: RequestEvent) => {
	const file = await getStreamedFile(event.locals.ctx, event.params.file_id);
	const describe = () => ({
		key: file.storage_key,
		sizeBytes: file.size_bytes,
		contentType: file.content_type,
		sha256: file.sha256,
		lastModified: file.created_at
	});
	return await answerObject(event, file.storage_key, describe, 'audio file not found');
});

export const OPTIONS = sendObjectPreflight;
