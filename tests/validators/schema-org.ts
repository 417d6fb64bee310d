import path from 'node:path';
import Validator from '@adobe/structured-data-validator';
import ts from 'typescript';

/** What a page says of itself as JSON-LD, and which page. */
export interface SaidThing {
	where: string;
	thing: Record<string, unknown>;
}

const OPTIONS: ts.CompilerOptions = {
	target: ts.ScriptTarget.ES2022,
	lib: ['lib.es2022.d.ts'],
	module: ts.ModuleKind.NodeNext,
	allowImportingTsExtensions: true,
	noEmit: true,
	skipLibCheck: true,
	strict: true,
	types: []
};

/**
 * What is wrong with things; empty: nothing. That types and properties are those of schema.org, and hold
 * what they may hold, is for the compiler to say, by Google's types of the whole vocabulary; what
 * results of searches need of a trail of pages, by Adobe's validator.
 */
export async function structuredFaults(said: readonly SaidThing[]): Promise<string[]> {
	const validator = new Validator();
	const faults = vocabularyFaults(said);
	for (const { where, thing } of said) {
		const found = { [typeOf(thing)]: [structuredClone(thing)] };
		for (const { issueMessage, fieldNames } of await validator.validate({ jsonld: found })) {
			faults.push(`${where}: ${issueMessage} (${fieldNames.join(', ')})`);
		}
	}
	return faults;
}

const typeOf = (thing: Record<string, unknown>) => String(thing['@type']);

function vocabularyFaults(said: readonly SaidThing[]): string[] {
	const sources = new Map(
		said.map((one, index) => [path.join(import.meta.dirname, `said-${index}.ts`), one])
	);
	const program = ts.createProgram([...sources.keys()], OPTIONS, hostOf(sources));
	return [...sources].flatMap(([file, { where }]) => {
		const source = program.getSourceFile(file);
		const found = [
			...program.getSyntacticDiagnostics(source),
			...program.getSemanticDiagnostics(source)
		];
		return found.map(({ messageText }) => {
			const message = ts.flattenDiagnosticMessageText(messageText, '\n\t');
			return `${where}: ${message}`;
		});
	});
}

/** Finds each thing as the source of two constants, of the types for what it says it is. */
function hostOf(sources: ReadonlyMap<string, SaidThing>): ts.CompilerHost {
	const host = ts.createCompilerHost(OPTIONS);
	const text = (file: string) => {
		const said = sources.get(file);
		return said && sourceOf(said.thing);
	};
	return {
		...host,
		fileExists: (file) => sources.has(file) || host.fileExists(file),
		readFile: (file) => text(file) ?? host.readFile(file),
		getSourceFile: (file, target, ...more) => {
			const own = text(file);
			return own === undefined
				? host.getSourceFile(file, target, ...more)
				: ts.createSourceFile(file, own, target);
		}
	};
}

/** JSON is the source of a literal; a literal may have no property that its type does not know. */
function sourceOf(thing: Record<string, unknown>): string {
	const type = JSON.stringify(typeOf(thing));
	// whatever has an address would pass as a mere reference to something of any type
	const withoutId = JSON.stringify(thing, (key, value: unknown) =>
		key === '@id' ? undefined : value
	);
	return `
		import type { Needed, Vocabulary } from './schema-org-things.ts';
		export const known: Vocabulary[${type}] = ${withoutId};
		const said = ${JSON.stringify(thing)} as const;
		export const needed: Needed[${type}] = said;`;
}
