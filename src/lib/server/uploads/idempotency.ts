import type { Context } from '#lib/server/context.ts';
import { conflict, invalid } from '#lib/server/errors.ts';
import { abandonUpload } from './accept.ts';
import { findUploadByIdempotencyKey, type UploadRow } from './queries.ts';
import { isArriving } from './receiving-queries.ts';

/**
 * Reads the Idempotency-Key of a request (draft-ietf-httpapi-idempotency-key-header); null: none.
 * @throws DomainError 400 `bad_idempotency_key`
 */
export function readIdempotencyKey(headers: Headers): string | null {
	const key = headers.get('idempotency-key');
	if (key === null) return null;
	if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
	throw invalid(
		'bad_idempotency_key',
		'an idempotency key is 1 to 255 visible ascii characters, such as a uuid'
	);
}

/**
 * Finds the upload an earlier request with this key has made. One whose request died is removed,
 * so that the repetition takes its place.
 * @throws DomainError 409 `upload_in_progress` while the earlier request is still sending
 */
export async function findEarlier(
	ctx: Context,
	artistDid: string,
	key: string
): Promise<UploadRow | undefined> {
	const earlier = await findUploadByIdempotencyKey(ctx.db, artistDid, key);
	if (earlier?.status !== 'receiving') return earlier;
	if (await isArriving(ctx.db, earlier.id)) throw inProgress();
	await abandonUpload(ctx, earlier.id);
	return undefined;
}

/**
 * Inserts an upload under a key; of two requests that come at once, one is told to wait.
 * @throws DomainError 409 `upload_in_progress`
 */
export async function insertOnce<R>(insert: () => Promise<R>): Promise<R> {
	try {
		return await insert();
	} catch (cause) {
		if (cause instanceof Error && 'constraint_name' in cause) {
			if (cause.constraint_name === 'uq_uploads_idempotency') throw inProgress();
		}
		throw cause;
	}
}

const inProgress = () =>
	conflict(
		'upload_in_progress',
		'a request with this idempotency key is still sending its file. ask again when it is done',
		{ retryAfterSeconds: 5 }
	);
