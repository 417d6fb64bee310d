import { readFileSync } from 'node:fs';

/** One line of a Dockerfile, its continuations joined. */
export interface Instruction {
	/** in capitals */
	name: string;
	/** `--from=build` and the like, by name */
	flags: Record<string, string>;
	/** what follows, as it is written */
	text: string;
}

/** From one FROM to the next. */
export interface Stage {
	/** what is written behind FROM */
	base: string;
	/** behind AS; its number without one */
	name: string;
	instructions: Instruction[];
}

const KNOWN = [
	...['FROM', 'WORKDIR', 'RUN', 'COPY', 'ENV', 'USER', 'VOLUME', 'EXPOSE', 'STOPSIGNAL'],
	...['HEALTHCHECK', 'ENTRYPOINT']
];

/** @throws Error for an instruction that nothing here carries out */
export function readDockerfile(file: string): Stage[] {
	const lines = readFileSync(file, 'utf8')
		.split('\n')
		.filter((line) => !/^\s*(#|$)/.test(line))
		.join('\n')
		.replaceAll(/\\\n\s*/g, ' ')
		.split('\n');
	const stages: Stage[] = [];
	for (const line of lines) {
		const instruction = readInstruction(line);
		if (instruction.name === 'FROM') {
			const [base = '', , name = String(stages.length)] = instruction.text.split(/\s+/);
			stages.push({ base, name, instructions: [] });
		} else stages.at(-1)?.instructions.push(instruction);
	}
	return stages;
}

function readInstruction(line: string): Instruction {
	const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
	if (!KNOWN.includes(name)) throw new Error(`unknown instruction: ${line}`);
	const flags: Record<string, string> = {};
	const text = rest.replace(/^(?:--[\w-]+=\S+\s+)+/, (all) => {
		for (const [, flag = '', value = ''] of all.matchAll(/--([\w-]+)=(\S+)/g)) flags[flag] = value;
		return '';
	});
	return { name, flags, text: text.trim() };
}

/** `A=1 B=2` of an ENV. */
export const readPairs = (text: string): Record<string, string> =>
	Object.fromEntries(
		[...text.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']): [string, string] => [
			name,
			value
		])
	);

/** The words of a command in its JSON form, which no shell reads. */
export const readWords = (text: string): string[] =>
	JSON.parse(text.replace(/^CMD\s+/, '')) as string[];
