import type { z } from 'zod';

/** A JSON Schema (2020-12), as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schemas that have a name of their own in the description. */
export type SchemaName =
	| 'Album'
	| 'AlbumMetadata'
	| 'AlbumOfArtist'
	| 'AlbumSummary'
	| 'Analytics'
	| 'Artist'
	| 'Catalogue'
	| 'Error'
	| 'FoundPerson'
	| 'Loudness'
	| 'Playhead'
	| 'Preferences'
	| 'Problem'
	| 'Queue'
	| 'QueueState'
	| 'Release'
	| 'ReleaseFields'
	| 'ReleaseTrack'
	| 'Revision'
	| 'Track'
	| 'TrackFields'
	| 'TrackPage'
	| 'Upload';

export const ref = (name: SchemaName): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

export const text = (description?: string): JsonSchema => ({
	type: 'string',
	...said(description)
});
export const integer = (description?: string): JsonSchema => ({
	type: 'integer',
	...said(description)
});
export const number = (description?: string): JsonSchema => ({
	type: 'number',
	...said(description)
});
export const flag = (description?: string): JsonSchema => ({
	type: 'boolean',
	...said(description)
});
export const time = (description?: string): JsonSchema => ({
	type: 'string',
	format: 'date-time',
	...said(description)
});
export const address = (description?: string): JsonSchema => ({
	type: 'string',
	format: 'uri',
	...said(description)
});
export const oneOf = (...values: string[]): JsonSchema => ({ type: 'string', enum: values });
export const list = (items: JsonSchema, description?: string): JsonSchema => ({
	type: 'array',
	items,
	...said(description)
});

const said = (description: string | undefined) =>
	description === undefined ? {} : { description };

/** The same, or null. */
export function orNull(schema: JsonSchema): JsonSchema {
	const { type } = schema;
	if (typeof type !== 'string' || 'enum' in schema) return { anyOf: [schema, { type: 'null' }] };
	return { ...schema, type: [type, 'null'] };
}

type Fields<T> = { readonly [K in keyof T]-?: JsonSchema };
type OptionalKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

/**
 * An object with exactly the fields of a type of ours: one that is added to the type and not described
 * does not compile.
 * @param optional those that may be absent
 */
export function objectOf<T>(
	fields: Fields<T>,
	optional: readonly OptionalKeys<T>[] = []
): JsonSchema {
	const required = Object.keys(fields).filter(
		(name) => !(optional as readonly string[]).includes(name)
	);
	return { type: 'object', properties: fields, ...(required.length > 0 ? { required } : {}) };
}

/** An object that has no type of its own. */
export const record = (fields: Record<string, JsonSchema>, optional: string[] = []): JsonSchema =>
	objectOf<Record<string, unknown>>(fields, optional);

interface ZodDef {
	typeName: string;
	shape?: () => Record<string, z.ZodTypeAny>;
	innerType?: z.ZodTypeAny;
	schema?: z.ZodTypeAny;
	type?: z.ZodTypeAny;
	values?: readonly string[];
	maxLength?: { value: number } | null;
	unknownKeys?: string;
	checks?: { kind: string; value?: number; regex?: RegExp; inclusive?: boolean }[];
}

/** What a body has to be, from the schema that reads it. */
export function schemaOf(shape: z.ZodTypeAny): JsonSchema {
	const def = shape._def as ZodDef;
	switch (def.typeName) {
		case 'ZodObject':
			return schemaOfObject(def.shape?.() ?? {}, def.unknownKeys === 'strict');
		case 'ZodArray':
			return {
				...list(inner(def.type)),
				...(def.maxLength ? { maxItems: def.maxLength.value } : {})
			};
		case 'ZodOptional':
			return inner(def.innerType);
		case 'ZodNullable':
			return orNull(inner(def.innerType));
		case 'ZodEffects':
			return inner(def.schema);
		case 'ZodEnum':
			return oneOf(...(def.values ?? []));
		case 'ZodBoolean':
			return flag();
		case 'ZodString':
			return { type: 'string', ...bounds(def, 'minLength', 'maxLength') };
		case 'ZodNumber':
			return {
				type: def.checks?.some(({ kind }) => kind === 'int') ? 'integer' : 'number',
				...bounds(def, 'minimum', 'maximum')
			};
		default:
			// whatever it is, it is checked elsewhere
			return {};
	}
}

const inner = (shape: z.ZodTypeAny | undefined): JsonSchema => (shape ? schemaOf(shape) : {});

function schemaOfObject(shape: Record<string, z.ZodTypeAny>, isClosed: boolean): JsonSchema {
	const fields = Object.entries(shape);
	const required = fields.filter(([, one]) => !one.isOptional()).map(([name]) => name);
	return {
		type: 'object',
		properties: Object.fromEntries(fields.map(([name, one]) => [name, schemaOf(one)])),
		...(required.length > 0 ? { required } : {}),
		...(isClosed ? { additionalProperties: false } : {})
	};
}

function bounds({ checks = [] }: ZodDef, least: string, most: string): JsonSchema {
	const found: Record<string, unknown> = {};
	for (const { kind, value, regex, inclusive } of checks) {
		// of whole numbers, above 0 is 1 and more
		if (kind === 'min') found[least] = inclusive === false ? Number(value) + 1 : value;
		if (kind === 'max') found[most] = value;
		if (kind === 'regex') found['pattern'] = regex?.source;
	}
	return found;
}
