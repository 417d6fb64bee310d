import type { JsonSchema } from './schema.ts';

/** A field of an object, or a parameter, in words. */
export interface ReadableField {
	name: string;
	type: string;
	isRequired: boolean;
	description: string;
}

/** What a value is, in a few words: "text", "list of Track", "number or null". */
export function typeOf(schema: JsonSchema): string {
	const { $ref: target, anyOf, allOf, enum: values, items, properties, type } = schema;
	if (typeof target === 'string') return target.split('/').at(-1) ?? '';
	if (Array.isArray(anyOf)) return (anyOf as JsonSchema[]).map(typeOf).join(' or ');
	if (Array.isArray(allOf)) return (allOf as JsonSchema[]).map(typeOf).join(' with ');
	if (Array.isArray(values)) return values.map(String).join(' | ');
	if (Array.isArray(type)) {
		return type
			.map((one) => (one === 'null' ? 'null' : typeOf({ ...schema, type: one })))
			.join(' or ');
	}
	if (type === 'array') return `list of ${typeOf((items as JsonSchema | undefined) ?? {})}`;
	if (type === 'object' && properties) {
		const fields = fieldsOf(schema).map(
			(field) => `${field.name}${field.isRequired ? '' : '?'}: ${field.type}`
		);
		return `{ ${fields.join(', ')} }`;
	}
	return wordFor(schema);
}

const WORDS: Record<string, string> = { string: 'text', boolean: 'true or false', null: 'null' };
const FORMATS: Record<string, string> = { 'date-time': 'time', uri: 'address' };

function wordFor({ type, format, contentMediaType, additionalProperties }: JsonSchema): string {
	if (typeof contentMediaType === 'string') return 'file';
	if (typeof format === 'string') return FORMATS[format] ?? format;
	if (additionalProperties instanceof Object) {
		return `object of ${typeOf(additionalProperties as JsonSchema)}`;
	}
	return typeof type === 'string' ? (WORDS[type] ?? type) : 'anything';
}

/** The fields of an object; none of what is no object. */
export function fieldsOf({ properties, required }: JsonSchema): ReadableField[] {
	const fields = Object.entries((properties ?? {}) as Record<string, JsonSchema>);
	const needed = Array.isArray(required) ? (required as string[]) : [];
	return fields.map(([name, schema]) => ({
		...{ name, type: typeOf(schema), isRequired: needed.includes(name) },
		description: typeof schema['description'] === 'string' ? schema['description'] : ''
	}));
}
