import { RefusedError, refusalOf } from '#lib/refusal.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import type { ReleaseChange, ReleaseState } from './release.ts';

const LIMIT_MS = 30_000;
const ROOT = '/api/releases';
const JSON_BODY = { accept: 'application/json', 'content-type': 'application/json' };

/** Asks the server. @throws RefusedError; TypeError or DOMException when nobody answered */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
	const response = await fetch(path, {
		headers: { accept: 'application/json' },
		signal: AbortSignal.timeout(LIMIT_MS),
		...init
	});
	if (!response.ok) throw await refusalOf(response);
	return response;
}

const pathOf = (releaseId: string) => `${ROOT}/${encodeURIComponent(releaseId)}`;

/** Begins a release without anything in it. Returns its id. */
export async function createRelease(): Promise<string> {
	const response = await ask(ROOT, { method: 'POST', headers: JSON_BODY, body: '{}' });
	const { release_id: id } = (await response.json()) as { release_id: string };
	return id;
}

export async function getRelease(releaseId: string): Promise<ReleaseState> {
	return (await (await ask(pathOf(releaseId))).json()) as ReleaseState;
}

/** Saves what changed. `isLast`: the page goes away meanwhile, and the answer with it. */
export async function changeRelease(
	releaseId: string,
	change: ReleaseChange,
	isLast = false
): Promise<ReleaseState> {
	const response = await ask(pathOf(releaseId), {
		method: 'PATCH',
		headers: JSON_BODY,
		body: JSON.stringify(change),
		keepalive: isLast
	});
	return (await response.json()) as ReleaseState;
}

export async function publishRelease(releaseId: string): Promise<void> {
	await ask(`${pathOf(releaseId)}/publish`, { method: 'POST', headers: JSON_BODY, body: '{}' });
}

/** Takes a file out of its release, and its bytes with it. One that is gone already is out of it. */
export async function removeUpload(uploadId: string): Promise<void> {
	try {
		await ask(`/api/tracks/uploads/${encodeURIComponent(uploadId)}`, { method: 'DELETE' });
	} catch (cause) {
		if (!(cause instanceof RefusedError && cause.status === 404)) throw cause;
	}
}

/** Lets an upload that failed or waits begin again where it stopped. */
export async function retryUpload(uploadId: string): Promise<UploadState> {
	const path = `/api/tracks/uploads/${encodeURIComponent(uploadId)}/retry`;
	return (await (await ask(path, { method: 'POST', headers: JSON_BODY })).json()) as UploadState;
}

/** Removes a draft, its files and their bytes. */
export async function discardRelease(releaseId: string): Promise<void> {
	await ask(pathOf(releaseId), { method: 'DELETE' });
}
