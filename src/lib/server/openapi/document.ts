import type { Config } from '#lib/server/config.ts';
import { failuresOf, parametersOf } from './complete.ts';
import { GROUPS } from './groups.ts';
import type { Answer, Audience, Body, Group, Operation, Parameter } from './operation.ts';
import { SCHEMAS } from './schemas/components.ts';

const VERSION = '1.0.0';

const SECURITY: Record<Audience, Record<string, never[]>[]> = {
	anybody: [{}],
	session: [{ bearer: [] }, { cookie: [] }],
	artist: [{ bearer: [] }, { cookie: [] }]
};

/** The description of everything under /api, as OpenAPI 3.1. */
export function openApiDocument({ appName, publicUrl }: Config): Record<string, unknown> {
	return {
		openapi: '3.1.0',
		info: {
			title: appName,
			version: VERSION,
			description:
				'every address answers with and without a slash at its end. failures are `Error`. reads may be made by pages of every origin, without credentials.'
		},
		servers: [{ url: publicUrl }],
		tags: GROUPS.map(({ name, text }) => ({ name, description: text })),
		paths: pathsOf(GROUPS),
		components: {
			schemas: SCHEMAS,
			securitySchemes: {
				bearer: {
					...{ type: 'http', scheme: 'bearer' },
					description:
						'the id of a session, or a token its owner made at /settings/tokens. a token for reading reads; one for writing may also change things, but for what begins with /api/auth, for preferences and for making a profile. beside a token, cookies count for nothing. errors: 401 `invalid_token`, `token_expired`; 403 `token_is_read_only`, `token_not_here`'
				},
				cookie: { type: 'apiKey', in: 'cookie', name: 'session_id' }
			}
		}
	};
}

function pathsOf(groups: readonly Group[]): Record<string, Record<string, unknown>> {
	const paths: Record<string, Record<string, unknown>> = {};
	for (const { name, operations } of groups) {
		for (const operation of operations) {
			const methods = (paths[operation.path] ??= {});
			methods[operation.method] = operationObject(name, operation);
		}
	}
	return paths;
}

function operationObject(tag: string, operation: Operation): Record<string, unknown> {
	const { audience, body, details, summary } = operation;
	const parameters = parametersOf(operation);
	return {
		tags: [tag],
		operationId: operationId(operation),
		summary,
		...(details === undefined ? {} : { description: details }),
		security: SECURITY[audience],
		...(parameters.length > 0 ? { parameters: parameters.map(parameterObject) } : {}),
		...(body ? { requestBody: bodyObject(body) } : {}),
		responses: Object.fromEntries(
			[...operation.answers, ...failuresOf(operation)].map((answer) => [
				String(answer.status),
				answerObject(answer)
			])
		)
	};
}

/** A name for programs that are made of this: getTracksById. */
export const operationId = ({ method, path }: Operation): string =>
	method +
	path
		.replace(/^\/api/, '')
		.replace(/\{(\w+)\}/g, 'by_$1')
		.split(/[/_.-]+/)
		.filter(Boolean)
		.map((word) => word.charAt(0).toUpperCase() + word.slice(1))
		.join('');

const parameterObject = ({ name, place, description, isRequired, schema }: Parameter) => ({
	...{ name, in: place, description, schema },
	...(isRequired ? { required: true } : {})
});

const bodyObject = ({ content, details, isOptional }: Body) => ({
	...(details === undefined ? {} : { description: details }),
	...(isOptional ? {} : { required: true }),
	content: mediaTypes(content)
});

const answerObject = ({ description, content }: Answer) => ({
	description,
	...(content ? { content: mediaTypes(content) } : {})
});

const mediaTypes = (content: NonNullable<Answer['content']>) =>
	Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]));
