import { chooseFiles, type LeftOut } from '#lib/uploads/choose-files.ts';
import type { Found, FoundFile } from '#lib/uploads/dropped-files.ts';
import { keepImage } from '#lib/uploads/keep-image.ts';
import { RefusedError } from '#lib/uploads/refusal.ts';
import { recallUpload } from '#lib/uploads/remembered-uploads.ts';
import type { ReleaseInTab } from '#lib/uploads/release-in-tab.svelte.ts';
import type { UploadsInTab } from '#lib/uploads/uploads-in-tab.svelte.ts';
import { isOpen } from './is-open.ts';
import { changeRelease, createRelease, getRelease } from './release-requests.ts';
import type { ReleaseState } from './release.ts';

export interface Sender {
	uploads: UploadsInTab;
	did: string;
	maxBytes: number;
}

const NOT_OF_IT = 'is not one of the files this release waits for. upload it by itself';

/** Nothing of what was dropped can be published; says of each why. */
export class NothingToSendError extends Error {
	readonly leftOut: LeftOut[];

	constructor(leftOut: LeftOut[]) {
		super('there is nothing to publish in what you dropped');
		this.name = 'NothingToSendError';
		this.leftOut = leftOut;
	}
}

/**
 * Begins a release with what was dropped or chosen, or goes on with the one these files were begun
 * for. Resolves as soon as it exists; the bytes are on their way.
 * @returns its id
 * @throws NothingToSendError, RefusedError; TypeError or DOMException when nobody answered
 */
export async function startRelease(found: Found, sender: Sender): Promise<string> {
	const { audio, leftOut } = chooseFiles(found, sender.maxBytes);
	if (audio.length === 0) throw new NothingToSendError(leftOut);
	const earlier = await earlierRelease(audio, sender.did);
	const releaseId = earlier?.release_id ?? (await createRelease());
	await addToRelease(releaseId, earlier, found, sender);
	return releaseId;
}

/**
 * Sends files for a release that exists: those it is waiting for go on where they stopped, those it
 * has are left alone, the others become its last tracks, or are left out when it is open.
 * @param release as it is; null: it is new
 */
export async function addToRelease(
	releaseId: string,
	release: ReleaseState | null,
	found: Found,
	{ uploads, did, maxBytes }: Sender
): Promise<void> {
	const { audio, cover, leftOut } = chooseFiles(found, maxBytes);
	const uploader = await uploads.uploader();
	let last = Math.max(0, ...(release?.tracks ?? []).map(({ position }) => position));
	const open = release !== null && isOpen(release);
	const strangers: LeftOut[] = [];
	const files = audio.flatMap((source) => {
		const known = knownTrack(release, source, did);
		if (!known && open) {
			strangers.push({ name: source.file.name, why: NOT_OF_IT });
			return [];
		}
		if (known && known.upload.status !== 'receiving') return [];
		return [{ source, position: known?.position ?? ++last }];
	});
	const inTab = uploader.release(releaseId);
	inTab.leftOut = [...leftOut, ...strangers];
	uploader.send(releaseId, files, did);
	if (cover && !open && !release?.fields.image_id) inTab.cover = setCover(releaseId, cover, inTab);
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

function knownTrack(release: ReleaseState | null, { file }: FoundFile, did: string) {
	const uploadId = recallUpload(file, did)?.uploadId;
	return release?.tracks.find(({ upload }) => upload.upload_id === uploadId);
}

/** The release these files were begun for, while it is a draft or waits for the rest of a file. */
async function earlierRelease(audio: FoundFile[], did: string): Promise<ReleaseState | null> {
	const recalled = audio.map(({ file }) => recallUpload(file, did)?.releaseId ?? undefined);
	const releaseId = recalled.find((id) => id !== undefined);
	if (releaseId === undefined) return null;
	try {
		const release = await getRelease(releaseId);
		const waits = release.tracks.some(({ upload }) => upload.status === 'receiving');
		return release.status === 'draft' || waits ? release : null;
	} catch (cause) {
		if (cause instanceof RefusedError && cause.status === 404) return null;
		throw cause;
	}
}
