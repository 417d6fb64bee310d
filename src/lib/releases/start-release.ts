import { chooseFiles, type LeftOut } from '#lib/uploads/choose-files.ts';
import type { Found, FoundFile } from '#lib/uploads/dropped-files.ts';
import { keepImage } from '#lib/uploads/keep-image.ts';
import { RefusedError } from '#lib/refusal.ts';
import { recallUpload } from '#lib/uploads/remembered-uploads.ts';
import type { ReleaseInTab } from '#lib/uploads/release-in-tab.svelte.ts';
import { isReplaceable } from '#lib/uploads/upload.ts';
import type { FileToSend } from '#lib/uploads/uploader.ts';
import type { UploadsInTab } from '#lib/uploads/uploads-in-tab.svelte.ts';
import { isOpen, takesFiles } from './is-open.ts';
import { NothingToSendError } from './nothing-to-send-error.ts';
import { changeRelease, createRelease, getRelease } from './release-requests.ts';
import type { ReleaseState } from './release.ts';
import { isChangedSince, trackOfFile } from './track-of-file.ts';

export interface Sender {
	uploads: UploadsInTab;
	did: string;
	maxBytes: number;
}

/**
 * Begins a release with what was dropped or chosen, or goes on with the one these files were begun
 * for. Resolves as soon as it exists; the bytes are on their way.
 * @param unfinished releases that were begun, whatever browser it was
 * @returns its id
 * @throws NothingToSendError, RefusedError; TypeError or DOMException when nobody answered
 */
export async function startRelease(
	found: Found,
	sender: Sender,
	unfinished: readonly ReleaseState[]
): Promise<string> {
	const { audio, leftOut } = chooseFiles(found, sender.maxBytes);
	if (audio.length === 0) throw new NothingToSendError(leftOut);
	const earlier = await earlierRelease(audio, sender.did, unfinished);
	const releaseId = earlier?.release_id ?? (await createRelease());
	await addToRelease(releaseId, earlier, found, sender);
	return releaseId;
}

/**
 * Sends files for a release that exists: those it is waiting for go on where they stopped, those it
 * has are left alone, the others become its last tracks. When it is open, only those do that it was
 * begun with; the others wait in `strangers` of the release in this tab for its artist to say so.
 * @param release as it is; null: it is new
 * @returns how many are on their way now
 */
export async function addToRelease(
	releaseId: string,
	release: ReleaseState | null,
	found: Found,
	{ uploads, did, maxBytes }: Sender
): Promise<number> {
	const { audio, cover, leftOut } = chooseFiles(found, maxBytes);
	const uploader = await uploads.uploader();
	const sorted = sortFiles(release, audio, did);
	const inTab = uploader.release(releaseId);
	inTab.leftOut = [...leftOut, ...sorted.leftOut];
	inTab.strangers = sorted.strangers;
	uploader.send(releaseId, sorted.files, did);
	const isClosed = release !== null && isOpen(release);
	if (cover && !isClosed && !release?.fields.image_id) {
		inTab.cover = setCover(releaseId, cover, inTab);
	}
	return sorted.files.length;
}

/**
 * Sends what was dropped on an open release without being a part of it: its artist has said so.
 * @returns how many are on their way now
 */
export async function addStrangers(
	release: ReleaseState,
	inTab: ReleaseInTab,
	{ uploads, did }: Sender
): Promise<number> {
	const uploader = await uploads.uploader();
	const last = lastPosition(release);
	const files = inTab.strangers.map((source, index) => {
		return { source, position: last + 1 + index, uploadId: null };
	});
	inTab.strangers = [];
	return uploader.send(release.release_id, files, did).length;
}

/**
 * Sends a file of an open release in place of one of which the rest does not come: the same file goes
 * on, another one takes over its place and what was typed about it.
 * @returns how many are on their way now
 */
export async function replaceInRelease(
	release: ReleaseState,
	uploadId: string,
	file: File,
	{ uploads, did }: Sender
): Promise<number> {
	const track = release.tracks.find(({ upload }) => upload.upload_id === uploadId);
	if (track && !isReplaceable(track.upload)) return 0;
	const uploader = await uploads.uploader();
	const source = { file, path: file.name };
	const recalled = recallUpload(file, did)?.uploadId ?? null;
	const isSameFile = track && trackOfFile([track], source, recalled) !== undefined;
	const toSend: FileToSend = { source, position: track?.position ?? 1, uploadId: null };
	if (isSameFile) toSend.uploadId = uploadId;
	else if (track) toSend.inPlaceOf = uploadId;
	return uploader.send(release.release_id, [toSend], did).length;
}

/** The files are on their way meanwhile; a picture that cannot be used stops none of them. */
async function setCover(releaseId: string, cover: File, inTab: ReleaseInTab): Promise<void> {
	try {
		await changeRelease(releaseId, { fields: { image_id: await keepImage(cover) } });
		inTab.news += 1;
	} catch (cause) {
		const why = cause instanceof RefusedError ? cause.message : 'it did not arrive';
		inTab.leftOut = [...inTab.leftOut, { name: cover.name, why: `is not the cover: ${why}` }];
	}
}

interface Sorted {
	files: FileToSend[];
	/** no part of the release, which may take them */
	strangers: FoundFile[];
	leftOut: LeftOut[];
}

/** Decides for each file whether it goes on, begins, is there already, or is no part of the release. */
function sortFiles(release: ReleaseState | null, audio: FoundFile[], did: string): Sorted {
	const sorted: Sorted = { files: [], strangers: [], leftOut: [] };
	const tracks = release?.tracks ?? [];
	let last = lastPosition(release);
	const here: LeftOut[] = [];
	for (const source of audio) {
		const { name } = source.file;
		const recalled = recallUpload(source.file, did);
		const known = trackOfFile(tracks, source, recalled?.uploadId ?? null);
		const uploadId = known?.upload.upload_id ?? null;
		if (known?.upload.status === 'receiving') {
			sorted.files.push({ source, position: known.position, uploadId });
		} else if (known) {
			here.push({ name, why: known.upload.error ?? 'is here already' });
		} else if (!release || !isOpen(release)) {
			sorted.files.push({ source, position: ++last, uploadId });
		} else if (isChangedSince(tracks, source)) {
			sorted.leftOut.push({ name, why: CHANGED });
		} else if (!takesFiles(release)) {
			sorted.leftOut.push({ name, why: TOO_LATE });
		} else if (recalled?.releaseId === release.release_id && recalled.uploadId === null) {
			sorted.files.push({ source, position: ++last, uploadId });
		} else {
			sorted.strangers.push(source);
		}
	}
	// said only where nothing else happens: a folder is dropped whole, for the few that are missing
	if (sorted.files.length + sorted.strangers.length === 0) sorted.leftOut.push(...here);
	return sorted;
}

const lastPosition = (release: ReleaseState | null) =>
	Math.max(0, ...(release?.tracks ?? []).map(({ position }) => position));

const CHANGED =
	'was changed since it was begun. discard what is here of it, then choose it once more';
const TOO_LATE =
	'is not one of the files this release waits for, and it was published more than a day ago. upload it by itself';

/** The release these files were begun for, while it is a draft or waits for the rest of a file. */
async function earlierRelease(
	audio: FoundFile[],
	did: string,
	unfinished: readonly ReleaseState[]
): Promise<ReleaseState | null> {
	const recalled = audio.flatMap(({ file }) => recallUpload(file, did) ?? []);
	const releaseId =
		recalled.find((known) => known.releaseId !== null)?.releaseId ??
		unfinished.find((release) => audio.some((source) => waitsFor(release, source)))?.release_id;
	if (!releaseId) return null;
	try {
		const release = await getRelease(releaseId);
		const waits =
			release.tracks.some(({ upload }) => upload.status === 'receiving') ||
			(recalled.some((known) => known.uploadId === null) && takesFiles(release));
		return release.status === 'draft' || waits ? release : null;
	} catch (cause) {
		if (cause instanceof RefusedError && cause.status === 404) return null;
		throw cause;
	}
}

const waitsFor = ({ tracks }: ReleaseState, source: FoundFile): boolean =>
	trackOfFile(tracks, source, null)?.upload.status === 'receiving';
