import { forgetUnreadable, type Resealed, reseal } from '#lib/server/atproto/sealed-rows.ts';
import { readConfig } from '#lib/server/config.ts';
import type { Context } from '#lib/server/context.ts';
import {
	keepEncryptionKeys,
	makeClientKey,
	newEncryptionKey,
	readSecrets
} from '#lib/server/secrets.ts';
import { type Command, CommandError, type Terminal } from './command.ts';
import { exportKeys, importKeys } from './keep-keys.ts';
import { readOptions } from './read-options.ts';
import { refuseWithoutSite } from './site-here.ts';
import { withContext } from './with-context.ts';

export const keys: Command = {
	usage: 'keys <new | export [file] | import <file> | rotate | reseal | drop | forget>',
	what: 'make keys; put them away and back; replace the one that encrypts sign-ins, step by step',
	async run(args, terminal) {
		const words = { atLeast: 1, atMost: 2 };
		const [what, file] = readOptions(args, {}, words).positionals;
		if (what === 'export') return await exportKeys(terminal, file ?? '-');
		if (what === 'import') {
			if (file === undefined) throw new CommandError('say which file, or - for what is sent here');
			return await importKeys(terminal, file);
		}
		if (file !== undefined) throw new CommandError(`unexpected: ${file}`);
		switch (what) {
			case 'new':
				return printNew(terminal);
			case 'rotate':
				return await rotate(terminal);
			case 'reseal':
				return await withContext(terminal, (ctx) => resealAll(ctx, terminal));
			case 'drop':
				return await withContext(terminal, (ctx) => drop(ctx, terminal));
			case 'forget':
				return await withContext(terminal, (ctx) => forget(ctx, terminal));
			default:
				throw new CommandError(`keys does not know "${what}"`);
		}
	}
};

/** For a site whose keys are given in its environment. */
function printNew({ say }: Terminal): number {
	say(`OAUTH_ENCRYPTION_KEY=${newEncryptionKey()}`);
	say(`OAUTH_CLIENT_KEYS=${JSON.stringify([makeClientKey()])}`);
	return 0;
}

/** The first step: a new key before the former ones. */
async function rotate({ env, say }: Terminal): Promise<number> {
	const config = readConfig(env);
	refuseWithoutSite(config, env);
	if (config.oauthEncryptionKeys.length > 0) {
		say('the keys of this site are given in its environment. give it this, and start it again:');
		say(`OAUTH_ENCRYPTION_KEY=${[newEncryptionKey(), ...config.oauthEncryptionKeys].join(',')}`);
	} else {
		const { encryptionKeys } = await readSecrets(config);
		await keepEncryptionKeys(config, [
			Buffer.from(newEncryptionKey(), 'base64'),
			...encryptionKeys
		]);
		say('there is a new key before the former ones. start the site again');
	}
	say('then: plyr keys reseal, and, when that is done, plyr keys drop');
	return 0;
}

/** The second step, with every process started again: nothing is left that needs the former ones. */
async function resealAll(ctx: Context, { say }: Terminal): Promise<number> {
	const counts = await reseal(ctx.db, await readSecrets(ctx.config));
	say(summary(counts));
	return counts.unreadable === 0 ? 0 : 1;
}

const summary = ({ resealed, unreadable }: Resealed): string =>
	`${resealed} sign-ins are sealed with the newest key` +
	(unreadable === 0 ? '' : `; ${unreadable} no key of this site opens`);

/** When a key is lost for good. */
async function forget(ctx: Context, { say }: Terminal): Promise<number> {
	const count = await forgetUnreadable(ctx.db, await readSecrets(ctx.config));
	say(`${count} sign-ins that no key of this site opens are gone; those people sign in again`);
	return 0;
}

/** The last step. */
async function drop(ctx: Context, terminal: Terminal): Promise<number> {
	const { config } = ctx;
	const { encryptionKeys } = await readSecrets(config);
	const [newest] = encryptionKeys;
	if (!newest || encryptionKeys.length === 1) {
		terminal.say('there is one key only');
		return 0;
	}
	// what was written since the last step
	const counts = await reseal(ctx.db, await readSecrets(config));
	if (counts.unreadable > 0) {
		terminal.say(`${summary(counts)}: the keys were left as they are`);
		return 1;
	}
	if (config.oauthEncryptionKeys.length > 0) {
		terminal.say('give the site this, and start it again:');
		terminal.say(`OAUTH_ENCRYPTION_KEY=${newest.toString('base64')}`);
	} else {
		await keepEncryptionKeys(config, [newest]);
		terminal.say('the former keys are gone. start the site again');
	}
	return 0;
}
