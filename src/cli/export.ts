import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { byteSize } from '#lib/format.ts';
import type { Context } from '#lib/server/context.ts';
import { exportAccount } from '#lib/server/export/export-account.ts';
import { type Command, CommandError, fileFrom, type Terminal } from './command.ts';
import { goesAway } from './goes-away.ts';
import { personOf } from './person-of.ts';
import { readOptions } from './read-options.ts';
import { withContext } from './with-context.ts';

export const exportEverything: Command = {
	usage: 'export <did | handle> <file | -> [--untouched]',
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
			const writesTags = !values.untouched;
			if (file === '-') await writeOut(ctx, terminal, { did, writesTags });
			else await writeFileOf(ctx, terminal, { did, file, writesTags });
			return 0;
		});
	}
};

/** To wherever what is said goes. One that is broken off has no list at its end, and no program opens it. */
async function writeOut(
	ctx: Context,
	{ output = process.stdout }: Terminal,
	{ did, writesTags }: { did: string; writesTags: boolean }
): Promise<void> {
	if (output.isTTY) throw new CommandError('a zip is nothing to be read: … - > everything.zip');
	await untilStopped((signal) =>
		pipeline(exportAccount(ctx, { did, writesTags, signal }), output, { end: false })
	);
}

/** Under another name until it is whole: what is broken off is never taken for an archive. */
async function writeFileOf(
	ctx: Context,
	terminal: Terminal,
	{ did, file, writesTags }: { did: string; file: string; writesTags: boolean }
): Promise<void> {
	const target = fileFrom(terminal, file);
	const unfinished = `${target}.part`;
	const handle = await open(unfinished, 'wx').catch((cause: unknown) => {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new CommandError(`${target} cannot be written: ${reason}`, { cause });
	});
	let sizeBytes = 0;
	try {
		await untilStopped(async (signal) => {
			for await (const chunk of exportAccount(ctx, { did, writesTags, signal })) {
				await handle.writeFile(chunk);
				sizeBytes += chunk.length;
			}
		});
		await handle.sync();
		await rename(unfinished, target);
	} catch (cause) {
		await rm(unfinished, { force: true });
		throw cause;
	} finally {
		await handle.close();
	}
	terminal.say(`${target}: ${byteSize(sizeBytes)}`);
	const lost = await goesAway(path.dirname(target));
	if (lost !== undefined) terminal.say(`${lost}. plyr export ${did} - > a file keeps it`);
}

async function untilStopped(write: (signal: AbortSignal) => Promise<void>): Promise<void> {
	const stopping = new AbortController();
	const stop = () => stopping.abort(new CommandError('stopped: nothing was written'));
	process.once('SIGINT', stop);
	try {
		await write(stopping.signal);
	} finally {
		process.off('SIGINT', stop);
	}
}
