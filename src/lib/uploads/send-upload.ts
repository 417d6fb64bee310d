import { beginUpload } from './begin-upload.ts';
import { type Obstacles, patiently } from './patiently.ts';
import { RefusedError } from '#lib/refusal.ts';
import { forgetUpload, rememberUpload } from './remembered-uploads.ts';
import { sendFile } from './send-file.ts';
import { isSignedInAs } from './signed-in-as.ts';
import type { Gate, Turns } from './turns.ts';
import type { UploadInTab } from './upload-in-tab.svelte.ts';

interface Way {
	/** one after the other, so that they are taken on in their order */
	beginning: Turns;
	/** all of those it was chosen with are known to the server before the first byte is sent */
	begun: Gate;
	/** a few at a time */
	sending: Turns;
	signal: AbortSignal;
	/** the server has taken it on */
	onbegun: () => void;
	/** its numbers, or what stands in its way, have changed */
	onprogress: () => void;
}

/**
 * Takes a file from the disk to the server: begins it, or goes on with what was begun,
 * and resolves when the last byte is there.
 * @throws RefusedError when the server will not have it; the signal's reason when aborted
 */
export async function sendUpload(
	upload: UploadInTab,
	file: File,
	did: string,
	way: Way
): Promise<void> {
	for (let isLastTry = false; ; isLastTry = true) {
		// of one that an earlier page began nobody here knows how long nothing has come
		let knownAtMs = upload.uploadId === null ? Date.now() : 0;
		try {
			if (upload.uploadId === null) await begin(upload, file, did, way);
			else way.onbegun();
		} finally {
			if (!isLastTry) way.begun.pass();
		}
		await way.begun.opened;
		const uploadId = upload.uploadId ?? '';
		try {
			await send(upload, file, uploadId, way, () => (knownAtMs = Date.now()));
			return;
		} catch (cause) {
			if (!isGone(cause)) throw cause;
			if (!(await isSignedInAs(did))) throw somebodyElse();
			forgetUpload(uploadId);
			if (isLastTry || Date.now() - knownAtMs < NEARLY_A_DAY_MS) throw discardedElsewhere();
			// it ran out while nothing was sent: the file is here, so it begins anew
			upload.uploadId = null;
			upload.noteQueued();
		}
	}
}

/** The server keeps what has arrived for a day: what is gone before that was discarded by its artist. */
const NEARLY_A_DAY_MS = 20 * 60 * 60 * 1000;

const discardedElsewhere = () =>
	new RefusedError(
		410,
		'it was discarded while it was being sent. choose the file again if it is to be published after all',
		'discarded_elsewhere'
	);

/** It is gone for them only: nothing of it is forgotten. */
const somebodyElse = () =>
	new RefusedError(
		403,
		'somebody else is signed in in this browser now. sign in as its artist again, then choose the file again: it goes on where it stopped',
		'somebody_else'
	);

const isGone = (cause: unknown) =>
	cause instanceof RefusedError && (cause.status === 404 || cause.status === 410);

async function begin(upload: UploadInTab, file: File, did: string, way: Way): Promise<void> {
	const { beginning, signal } = way;
	await beginning.take(async () => {
		const attempt = () => beginUpload(file, metadataOf(upload, file), signal);
		// a release that takes no more files will not take this one later
		const obstacles = { ...heldUp(upload, way), final: [409] };
		const uploadId = await patiently(attempt, obstacles, signal);
		const { releaseId, replacesTrackId } = upload;
		rememberUpload(file, did, { uploadId, releaseId, replacesTrackId });
		upload.noteBegun(uploadId);
		upload.noteQueued();
	}, signal);
	way.onbegun();
}

/** Whoever sends new audio has stated that they may: nothing is sent before. */
const metadataOf = (upload: UploadInTab, file: File): Record<string, string> =>
	upload.replacesTrackId === null
		? {
				filename: file.name,
				path: upload.source?.path ?? file.name,
				modified: String(file.lastModified),
				release_id: upload.releaseId ?? '',
				release_position: String(upload.position),
				...(upload.inPlaceOf === null ? {} : { in_place_of: upload.inPlaceOf })
			}
		: {
				filename: file.name,
				replaces_track_id: String(upload.replacesTrackId),
				rights_confirmed: 'true'
			};

async function send(
	upload: UploadInTab,
	file: File,
	uploadId: string,
	way: Way,
	onalive: () => void
): Promise<void> {
	const { sending, signal } = way;
	const events = {
		onprogress(sentBytes: number, totalBytes: number) {
			onalive();
			upload.noteSent(sentBytes, totalBytes, performance.now());
			way.onprogress();
		},
		oninterrupted: obstacles(upload, way).oninterrupted
	};
	await sending.take(async () => {
		const attempt = () => sendFile(file, uploadId, events, signal);
		await patiently(attempt, obstacles(upload, way), signal);
	}, signal);
}

/** What stands in the way of one that is to begin does not keep those that have begun. */
function heldUp(upload: UploadInTab, way: Way): Obstacles {
	const { oninterrupted, onpaused } = obstacles(upload, way);
	return {
		oninterrupted() {
			way.begun.open();
			oninterrupted();
		},
		onpaused(waitMs, sentence) {
			way.begun.open();
			onpaused(waitMs, sentence);
		}
	};
}

const obstacles = (upload: UploadInTab, way: Way): Obstacles => ({
	oninterrupted() {
		upload.noteInterrupted();
		way.onprogress();
	},
	onpaused(waitMs, sentence) {
		upload.notePaused(Date.now() + waitMs, sentence);
		way.onprogress();
	}
});
