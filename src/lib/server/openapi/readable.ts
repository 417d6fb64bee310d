import type { Config } from '#lib/server/config.ts';
import { COMMON_PROBLEMS, parametersOf } from './complete.ts';
import { operationId } from './document.ts';
import { curlOf } from './curl.ts';
import { GROUPS } from './groups.ts';
import { AS_ASKED, type Audience, type Operation, type Problem } from './operation.ts';
import { type ReadableField, fieldsOf, typeOf } from './readable-schema.ts';
import { SCHEMAS } from './schemas/components.ts';

/** The description as its page shows it. */
export interface ReadableApi {
	/** what may go wrong with many of them */
	problems: ReadableProblem[];
	groups: { name: string; text: string; operations: ReadableOperation[] }[];
	schemas: { name: string; anchor: string; fields: ReadableField[] }[];
}

export interface ReadableProblem {
	status: number;
	code: string;
	when: string;
}

export interface ReadableOperation {
	anchor: string;
	method: string;
	path: string;
	summary: string;
	details: string | null;
	/** who may ask; null: anybody */
	audience: string | null;
	parameters: ReadableField[];
	bodies: { type: string; fields: ReadableField[] }[];
	bodyDetails: string | null;
	answers: { status: number; description: string; type: string | null }[];
	/** beside those of all */
	problems: ReadableProblem[];
	curl: string;
}

const AUDIENCES: Record<Audience, string | null> = {
	anybody: null,
	session: 'signed in',
	artist: 'signed in, with an artist profile'
};

/** Everything under /api, in the order it is read. */
export const readableApi = (config: Config): ReadableApi => ({
	problems: COMMON_PROBLEMS.map(readableProblem),
	groups: GROUPS.map(({ name, text, operations }) => ({
		...{ name, text },
		operations: operations.map((operation) => readable(config, operation))
	})),
	schemas: Object.entries(SCHEMAS).map(([name, schema]) => ({
		...{ name, anchor: `schema-${name.toLowerCase()}` },
		fields: fieldsOf(schema)
	}))
});

function readable(config: Config, operation: Operation): ReadableOperation {
	const { audience, answers, body, details, method, path, summary } = operation;
	return {
		anchor: operationId(operation).toLowerCase(),
		method: method.toUpperCase(),
		path,
		summary,
		details: details ?? null,
		audience: AUDIENCES[audience],
		parameters: parametersOf(operation).map(({ name, place, description, isRequired, schema }) => ({
			...{ name, isRequired: isRequired ?? false, type: typeOf(schema) },
			description: place === 'path' ? description : `${description} (${place})`
		})),
		bodies: Object.entries(body?.content ?? {}).map(([type, schema]) => ({
			type: type + (body?.isOptional ? ', may be left out' : ''),
			fields: fieldsOf(schema)
		})),
		bodyDetails: body?.details ?? null,
		answers: answers.map(({ status, description, content }) => ({
			...{ status, description: description === AS_ASKED ? '' : description },
			type: content ? answerType(content) : null
		})),
		problems: (operation.errors ?? []).map(readableProblem),
		curl: curlOf(config.publicUrl, operation)
	};
}

const readableProblem = ([status, code, when]: Problem): ReadableProblem => ({
	...{ status, code, when }
});

function answerType(content: Record<string, Parameters<typeof typeOf>[0]>): string {
	const [[type, schema] = ['', {}]] = Object.entries(content);
	return type === 'application/json' ? typeOf(schema) : type;
}
