import { parseArgs, type ParseArgsConfig } from 'node:util';
import { CommandError } from './command.ts';

/**
 * Reads what was typed after a command's name.
 * @throws CommandError for an option it does not have, a missing value, too many or too few words
 */
export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(
	args: string[],
	options: T,
	words: { atLeast: number; atMost: number } = { atLeast: 0, atMost: 0 }
) {
	try {
		const read = parseArgs({ args, options, allowPositionals: true, strict: true });
		const count = read.positionals.length;
		if (count < words.atLeast) throw new Error('something is missing');
		if (count > words.atMost) throw new Error(`unexpected: ${read.positionals.at(-1)}`);
		return read;
	} catch (cause) {
		const text = cause instanceof Error ? cause.message : String(cause);
		throw new CommandError(text.split('. To specify')[0] ?? text, { cause });
	}
}
