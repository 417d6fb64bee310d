import { examine } from '#lib/server/doctor/doctor.ts';
import type { Finding } from '#lib/server/doctor/finding.ts';
import type { Command } from './command.ts';
import { readOptions } from './read-options.ts';

const MARKS: Record<Finding['state'], string> = { ok: 'ok   ', note: 'note ', fault: 'fault' };

export const doctor: Command = {
	usage: 'doctor',
	what: 'look at every part of the site, and say what is wrong and what helps',
	async run(args, { env, say }) {
		readOptions(args, {});
		let faults = 0;
		for await (const { part, state, says, cure } of examine(env)) {
			say(`${MARKS[state]}  ${part}: ${says}`);
			if (cure !== undefined) say(`       → ${cure}`);
			if (state === 'fault') faults += 1;
		}
		say(faults === 0 ? 'nothing is wrong' : faults === 1 ? 'one fault' : `${faults} faults`);
		return faults === 0 ? 0 : 1;
	}
};
