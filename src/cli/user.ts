import { endOwnSignIn, endOwnSignIns, listOwnSignIns } from '#lib/server/auth/own-sign-ins.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { type Command, CommandError } from './command.ts';
import { personOf } from './person-of.ts';
import { readOptions } from './read-options.ts';
import { withContext } from './with-context.ts';

export const user: Command = {
	usage: 'user <sessions | did> <handle | did> [--revoke <id> | --revoke-all]',
	what: 'list where somebody is signed in; sign them out in one place, or everywhere; their did',
	async run(args, terminal) {
		const { values, positionals } = readOptions(
			args,
			{ revoke: { type: 'string' }, 'revoke-all': { type: 'boolean' } },
			{ atLeast: 2, atMost: 2 }
		);
		const [what, who = ''] = positionals;
		if (what === 'did') {
			terminal.say(await withContext(terminal, (ctx) => personOf(ctx, who)));
			return 0;
		}
		if (what !== 'sessions') throw new CommandError(`user does not know "${what}"`);
		if (values.revoke !== undefined && values['revoke-all']) {
			throw new CommandError('--revoke and --revoke-all are not used together');
		}
		return await withContext(terminal, async (ctx) => {
			const owner = { did: await personOf(ctx, who) };
			if (values['revoke-all']) {
				terminal.say(`signed out in ${await endOwnSignIns(ctx, owner)} places`);
				return 0;
			}
			if (values.revoke !== undefined) return await end(ctx, owner, values.revoke, terminal.say);
			const signIns = await listOwnSignIns(ctx, owner);
			for (const { id, device, beganAt, lastUsed, endsAt } of signIns) {
				terminal.say(`${id}  ${device}, since ${beganAt}, used ${lastUsed}, until ${endsAt}`);
			}
			if (signIns.length === 0) terminal.say('signed in nowhere');
			return 0;
		});
	}
};

async function end(
	ctx: Context,
	owner: { did: string },
	id: string,
	say: (line: string) => void
): Promise<number> {
	try {
		await endOwnSignIn(ctx, owner, id);
		say('signed out there');
		return 0;
	} catch (cause) {
		if (!(cause instanceof DomainError)) throw cause;
		say(cause.message);
		return 1;
	}
}
