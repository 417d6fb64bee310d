import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

interface Schema {
	[keyword: string]: unknown;
}

interface Described {
	paths: Record<
		string,
		Record<string, { responses: Record<string, { content?: Record<string, { schema: Schema }> }> }>
	>;
	components: { schemas: Record<string, Schema> };
}

/** Answers of the api, held to its own description; a field that is not described is a fault as well. */
export class DescribedAnswers {
	readonly #described: Described;
	readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
	readonly #known = new Map<string, ValidateFunction>();

	constructor(document: unknown) {
		this.#described = closed(document) as Described;
		this.#ajv.addSchema({ $id: 'api', components: this.#described.components });
	}

	/** What is wrong with an answer; empty: nothing. @param path as it is described: /api/tracks/{id} */
	problems(method: string, path: string, status: number, body: unknown): string[] {
		const responses = this.#described.paths[path]?.[method.toLowerCase()]?.responses;
		const schema = responses?.[String(status)]?.content?.['application/json']?.schema;
		if (!schema) return [`${method} ${path} is not described to answer ${status} with json`];
		const key = `${method} ${path} ${status}`;
		const validate = this.#known.get(key) ?? this.#ajv.compile(qualified(schema));
		this.#known.set(key, validate);
		if (validate(body)) return [];
		return (validate.errors ?? []).map(
			(error) => `${key} ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`
		);
	}
}

/** References are within the whole document. */
const qualified = (schema: Schema) =>
	JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')) as Schema;

/** The same, where an object has no fields but those that are named. */
function closed(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(closed);
	if (!(value instanceof Object)) return value;
	const entries = Object.entries(value).map(([key, one]) => [key, closed(one)] as const);
	const schema: Schema = Object.fromEntries<unknown>(entries);
	// the parts of a whole know only their own
	if ('allOf' in schema) return { allOf: schema['allOf'] };
	const isClosed = schema['type'] === 'object' && 'properties' in schema;
	return isClosed && !('additionalProperties' in schema)
		? { ...schema, additionalProperties: false }
		: schema;
}
