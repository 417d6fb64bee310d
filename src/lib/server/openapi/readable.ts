import type { Config } from '#lib/server/config.ts';
import { parametersOf, problemsOf } from './complete.ts';
import { operationId } from './document.ts';
import { curlOf } from './curl.ts';
import { GROUPS } from './groups.ts';
import type { Audience, Operation } from './operation.ts';
import { type ReadableField, fieldsOf, typeOf } from './readable-schema.ts';
import { SCHEMAS } from './schemas/components.ts';

/** The description as its page shows it. */
export interface ReadableApi {
	groups: { name: string; text: string; operations: ReadableOperation[] }[];
	schemas: { name: string; anchor: string; fields: ReadableField[] }[];
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
	problems: { status: number; code: string; when: string }[];
	curl: string;
}

const AUDIENCES: Record<Audience, string | null> = {
	anybody: null,
	session: 'signed in',
	artist: 'signed in, with an artist profile'
};

/** Everything under /api, in the order it is read. */
export const readableApi = (config: Config): ReadableApi => ({
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
			...{ status, description },
			type: content ? answerType(content) : null
		})),
		problems: problemsOf(operation).map(([status, code, when]) => ({ status, code, when })),
		curl: curlOf(config.publicUrl, operation)
	};
}

function answerType(content: Record<string, Parameters<typeof typeOf>[0]>): string {
	const [[type, schema] = ['', {}]] = Object.entries(content);
	return type === 'application/json' ? typeOf(schema) : type;
}
