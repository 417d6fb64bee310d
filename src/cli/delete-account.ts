import { requestAccountDeletion } from '#lib/server/accounts/delete-account.ts';
import { deleteAccountNow } from '#lib/server/jobs/delete-account-now.ts';
import { DomainError } from '#lib/server/errors.ts';
import { type Command, CommandError } from './command.ts';
import { personOf } from './person-of.ts';
import { readOptions } from './read-options.ts';
import { withContext } from './with-context.ts';

export const deleteAccount: Command = {
	usage: 'delete-account <did | handle> [--records] [--now]',
	what: 'hide an account, and delete it in a week, or now; --records: from its repository, too',
	async run(args, terminal) {
		const { values, positionals } = readOptions(
			args,
			{ records: { type: 'boolean' }, now: { type: 'boolean' } },
			{ atLeast: 1, atMost: 1 }
		);
		const [who = ''] = positionals;
		return await withContext(terminal, async (ctx) => {
			const did = await personOf(ctx, who);
			const withRecords = values.records ?? false;
			if (values.now) {
				const left = await deleteAccountNow(ctx, did, { withRecords });
				terminal.say(left === null ? `${did} is deleted` : `${did} is deleted here. ${left}`);
				return left === null ? 0 : 1;
			}
			const owner = { did, handle: who };
			const dueAt = await requestAccountDeletion(ctx, owner, { withRecords }).catch(refused);
			terminal.say(`${did} is hidden, and is deleted at ${dueAt.toISOString()}`);
			return 0;
		});
	}
};

function refused(cause: unknown): never {
	if (cause instanceof DomainError) throw new CommandError(cause.message, { cause });
	throw cause;
}
