import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { eventStream, type ServerSentEvent } from '#lib/server/events/sse.ts';
import { isFinished } from '#lib/uploads/upload.ts';
import { findUpload, type UploadRow } from './queries.ts';
import { listCurrent } from './receiving-queries.ts';
import { uploadState } from './state.ts';
import { ownUpload } from './uploads.ts';

/** A listener that comes back is told what has ended meanwhile, if it was not longer away than this. */
const AWAY_MS = 10 * 60 * 1000;

/**
 * The progress of one upload as events: its state now, and again whenever it changes, until it is
 * completed or failed. The id of an event is the version of the upload.
 * @param lastEventId the version the listener knows already
 * @returns the stream; 204 when the listener has seen the end, which stops its coming back
 * @throws DomainError 404
 */
export async function uploadProgress(
	ctx: Context,
	viewer: Viewer,
	id: string,
	lastEventId: string | null
): Promise<Response> {
	const upload = await ownUpload(ctx, viewer, id);
	let knownVersion = /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0;
	if (isFinished(upload) && upload.version <= knownVersion) {
		return new Response(null, { status: 204 });
	}
	return eventStream({
		hub: ctx.hub,
		log: ctx.log,
		match: { id },
		async look() {
			const row = await findUpload(ctx.db, id);
			if (!row) return { events: [], isEnd: true };
			const isNew = row.version > knownVersion;
			knownVersion = row.version;
			return { events: isNew ? [eventOf(row, String(row.version))] : [], isEnd: isFinished(row) };
		}
	});
}

/**
 * The progress of everything the viewer uploads, as one endless stream: the state of each
 * unfinished upload now, and of each that changes. A removed one ends with an event named
 * `removed` that carries its `upload_id`.
 * @param lastEventId anything: the listener was here before, and learns what ended meanwhile
 */
export function allProgress(ctx: Context, viewer: Viewer, lastEventId: string | null): Response {
	const since = new Date(lastEventId === null ? Date.now() : Date.now() - AWAY_MS);
	const known = new Map<string, number>();
	return eventStream({
		hub: ctx.hub,
		log: ctx.log,
		match: { did: viewer.did },
		async look() {
			const rows = await listCurrent(ctx.db, viewer.did, since);
			const changed = rows.filter((row) => row.version > (known.get(row.id) ?? 0));
			const events = changed.map((row) => eventOf(row, `${row.id}:${row.version}`));
			for (const row of changed) known.set(row.id, row.version);
			const present = new Set(rows.map((row) => row.id));
			for (const id of known.keys()) {
				if (present.has(id)) continue;
				known.delete(id);
				events.push({ id, name: 'removed', content: { upload_id: id } });
			}
			return { events, isEnd: false };
		}
	});
}

const eventOf = (row: UploadRow, id: string): ServerSentEvent => ({
	id,
	content: uploadState(row)
});
