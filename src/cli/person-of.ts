import { parseHandle } from '#lib/auth/handle.ts';
import type { Context } from '#lib/server/context.ts';
import { findDidOf } from '#lib/server/people/find-did.ts';
import { CommandError } from './command.ts';

/**
 * The did of somebody this site knows.
 * @param text a did, or a handle they have here
 * @throws CommandError
 */
export async function personOf(ctx: Pick<Context, 'db'>, text: string): Promise<string> {
	const name = parseHandle(text);
	const did = name === undefined ? undefined : await findDidOf(ctx, name);
	if (did === undefined) throw new CommandError(`nobody here is known as ${text}`);
	return did;
}
