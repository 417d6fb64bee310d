import { createHash } from 'node:crypto';
import type { Context } from '#lib/server/context.ts';
import { AppendInterrupted } from '#lib/server/storage/errors.ts';

/**
 * Puts something into staging that is of no use in part.
 * @returns its size in bytes
 * @throws what broke the source, as the source threw it
 */
export async function appendWhole(
	ctx: Context,
	id: string,
	source: AsyncIterable<Uint8Array>,
	signal?: AbortSignal
): Promise<number> {
	try {
		return await ctx.storage.staging.append(id, 0, source, { signal });
	} catch (cause) {
		throw cause instanceof AppendInterrupted ? cause.cause : cause;
	}
}

/** Computes the SHA-256 of what is in staging, in hex. */
export async function hashStaged(ctx: Context, id: string, signal?: AbortSignal): Promise<string> {
	const hash = createHash('sha256');
	for await (const chunk of await ctx.storage.staging.read(id, { signal })) hash.update(chunk);
	return hash.digest('hex');
}
