import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { byteSize } from '#lib/format.ts';
import type { Context } from '#lib/server/context.ts';
import { exportAccount } from '#lib/server/export/export-account.ts';
import { type Command, CommandError, type Terminal } from './command.ts';
import { personOf } from './person-of.ts';
import { readOptions } from './read-options.ts';
import { withContext } from './with-context.ts';

export const exportEverything: Command = {
	usage: 'export <did | handle> <file> [--untouched]',
	what: 'write everything of somebody into a zip; --untouched: recordings as they were uploaded',
	async run(args, terminal) {
		const { values, positionals } = readOptions(
			args,
			{ untouched: { type: 'boolean' } },
			{ atLeast: 2, atMost: 2 }
		);
		const [who = '', file = ''] = positionals;
		return await withContext(terminal, async (ctx) => {
			const did = await personOf(ctx, who);
			await writeFileOf(ctx, terminal, { did, file, writesTags: !values.untouched });
			return 0;
		});
	}
};

/** Under another name until it is whole: what is broken off is never taken for an archive. */
async function writeFileOf(
	ctx: Context,
	{ say }: Terminal,
	{ did, file, writesTags }: { did: string; file: string; writesTags: boolean }
): Promise<void> {
	const unfinished = `${file}.part`;
	const handle = await open(unfinished, 'wx').catch((cause: unknown) => {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new CommandError(`${path.basename(unfinished)} cannot be written: ${reason}`, { cause });
	});
	const stopping = new AbortController();
	const stop = () => stopping.abort(new CommandError('stopped: nothing was written'));
	process.once('SIGINT', stop);
	let sizeBytes = 0;
	try {
		const wish = { did, writesTags, signal: stopping.signal };
		for await (const chunk of exportAccount(ctx, wish)) {
			await handle.writeFile(chunk);
			sizeBytes += chunk.length;
		}
		await handle.sync();
		await rename(unfinished, file);
	} catch (cause) {
		await rm(unfinished, { force: true });
		throw cause;
	} finally {
		process.off('SIGINT', stop);
		await handle.close();
	}
	say(`${file}: ${byteSize(sizeBytes)}`);
}
