import { isDid } from '#lib/auth/handle.ts';
import { type Ground, GROUNDS, groundLabel, type Takedown } from '#lib/moderation/takedown.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { findAccountToModerate, findTrackToModerate } from '#lib/server/moderation/subjects.ts';
import { listTakedowns, restoreTakenDown, takeDown } from '#lib/server/moderation/takedowns.ts';
import { type Command, CommandError, type Terminal } from './command.ts';
import { readOptions } from './read-options.ts';
import { withContext } from './with-context.ts';

/** As whom the log has it. */
const WHO = 'command line';

export const takedown: Command = {
	usage: 'takedown <track | account> <which> --reason …',
	what: 'hide it, [--ground legal | rules]; --restore shows it again, --list names what is hidden',
	async run(args, terminal) {
		const { values, positionals } = readOptions(
			args,
			{
				reason: { type: 'string' },
				ground: { type: 'string', default: 'rules' },
				restore: { type: 'boolean' },
				list: { type: 'boolean' }
			},
			{ atLeast: 0, atMost: 2 }
		);
		if (values.list) return await withContext(terminal, (ctx) => list(ctx, terminal));
		const [kind, address] = positionals;
		if ((kind !== 'track' && kind !== 'account') || address === undefined) {
			throw new CommandError('say what: track or account, and which one');
		}
		if (values.restore) {
			return await attempt(terminal, (ctx) => restore(ctx, terminal, kind, address));
		}
		const ground = readGround(values.ground);
		const { reason } = values;
		if (reason === undefined) throw new CommandError('say why: --reason, shown in its place');
		return await attempt(terminal, async (ctx) => {
			const subject = await find(ctx, kind, address);
			await takeDown(ctx, WHO, subject, { ground, reason });
			terminal.say(`${subject.name} is hidden ${groundLabel(ground)}: ${reason}`);
			terminal.say(`to show it again: plyr takedown ${kind} ${subject.subject} --restore`);
		});
	}
};

/** What cannot be done is said as it is. */
async function attempt(terminal: Terminal, act: (ctx: Context) => Promise<void>): Promise<number> {
	return await withContext(terminal, async (ctx) => {
		try {
			await act(ctx);
			return 0;
		} catch (cause) {
			if (!(cause instanceof DomainError)) throw cause;
			terminal.say(cause.message);
			return 1;
		}
	});
}

const find = (ctx: Context, kind: 'track' | 'account', address: string) =>
	kind === 'track' ? findTrackToModerate(ctx, address) : findAccountToModerate(ctx, address);

async function restore(
	ctx: Context,
	{ say }: Terminal,
	kind: 'track' | 'account',
	address: string
): Promise<void> {
	// it may have been deleted since: then it is known by its address alone
	const isWhole = kind === 'track' ? address.startsWith('at://') : isDid(address);
	const subject = isWhole ? address : (await find(ctx, kind, address)).subject;
	await restoreTakenDown(ctx, WHO, subject);
	say(`${subject} is shown again`);
}

function readGround(text: string): Ground {
	const ground = GROUNDS.find(({ value }) => value === text);
	if (ground) return ground.value;
	throw new CommandError(`--ground is ${GROUNDS.map(({ value }) => value).join(' or ')}`);
}

/** Those in force, the newest first. */
async function list(ctx: Context, { say }: Terminal): Promise<number> {
	let count = 0;
	let cursor: string | undefined;
	do {
		const page = await listTakedowns(ctx, {
			limit: 100,
			...(cursor === undefined ? {} : { cursor })
		});
		for (const one of page.takedowns.filter(({ liftedAt }) => liftedAt === null)) {
			say(line(one));
			count += 1;
		}
		cursor = page.nextCursor ?? undefined;
	} while (cursor !== undefined);
	if (count === 0) say('nothing is taken down');
	return 0;
}

const line = ({ madeAt, madeBy, kind, subject, name, ground, reason }: Takedown): string =>
	`${madeAt.slice(0, 16).replace('T', ' ')}  ${kind} ${subject}  ${name}  (${ground}) ${reason}  by ${madeBy}`;
