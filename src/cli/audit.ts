import { audit as look, type AuditCounts } from '#lib/server/audit/audit.ts';
import { sayCount } from '#lib/server/backup/progress.ts';
import type { Command } from './command.ts';
import { interruptible } from './interruptible.ts';
import { readOptions } from './read-options.ts';
import { withContext } from './with-context.ts';

export const audit: Command = {
	usage: 'audit [--deep] [--local] [--quiet]',
	what: 'compare the index with what is stored, and with the records on the network',
	async run(args, terminal) {
		const flag = { type: 'boolean' } as const;
		const { values } = readOptions(args, { deep: flag, local: flag, quiet: flag });
		const counts: AuditCounts = { objects: 0, strays: 0, repositories: 0, unread: 0, records: 0 };
		const { say } = terminal;
		let faults = 0;
		await interruptible(terminal, (signal) =>
			withContext(terminal, async (ctx) => {
				const findings = look(ctx, {
					isDeep: values.deep ?? false,
					isLocal: values.local ?? false,
					signal,
					onProgress: (text) => terminal.showProgress?.(text),
					counts
				});
				for await (const { state, part, says, cure } of findings) {
					if (state === 'fault') faults++;
					else if (values.quiet) continue;
					say(`${state === 'fault' ? 'fault' : 'note '}  ${part}: ${says}`);
					if (cure !== undefined) say(`       → ${cure}`);
				}
			})
		);
		if (!values.quiet || faults > 0) {
			const network = values.local
				? 'the network was not asked'
				: `${sayCount(counts.records, 'record')} in ${sayCount(counts.repositories - counts.unread, 'repository', 'repositories')}, ${counts.unread} could not be read`;
			say(
				`${sayCount(counts.objects, 'object')}${values.deep ? ' read whole' : ''}, ${sayCount(counts.strays, 'stray')}; ${network}`
			);
			say(faults === 0 ? 'nothing is wrong' : sayCount(faults, 'fault'));
		}
		return faults === 0 ? 0 : 1;
	}
};
