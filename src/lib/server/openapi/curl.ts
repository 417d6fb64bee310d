import { parametersOf } from './complete.ts';
import type { Operation } from './operation.ts';
import type { JsonSchema } from './schema.ts';

/** What stands in examples of addresses. */
const EXAMPLES: Record<string, string> = {
	album: 'alice.example.com',
	did: 'did:plc:abc123',
	file_id: '0123456789abcdef',
	handle: 'alice.example.com',
	id: '42',
	q: 'rain',
	revision_id: '7',
	slug: 'first-album'
};

/** A line for a shell that asks just that. */
export function curlOf(publicUrl: string, operation: Operation): string {
	const { method, path, audience, body } = operation;
	const asked = parametersOf(operation)
		.filter(({ place, isRequired }) => place === 'query' && isRequired)
		.map(({ name }) => `${name}=${EXAMPLES[name] ?? name}`);
	const query = asked.length > 0 ? `?${asked.join('&')}` : '';
	const at =
		publicUrl + path.replace(/\{(\w+)\}/g, (_, name: string) => EXAMPLES[name] ?? name) + query;
	const parts = [
		method === 'get' ? 'curl' : method === 'head' ? 'curl -I' : `curl -X ${method.toUpperCase()}`,
		...(audience === 'anybody' ? [] : ['-H "authorization: Bearer $SESSION"']),
		...(body ? bodyParts(body.content) : []),
		`'${at}'`
	];
	return parts.join(' \\\n  ');
}

function bodyParts(content: Record<string, JsonSchema>): string[] {
	const [[type, schema] = ['', {}]] = Object.entries(content);
	if (type === 'application/json') {
		return [`-H 'content-type: application/json'`, `-d '${JSON.stringify(exampleOf(schema))}'`];
	}
	if (type === 'multipart/form-data') {
		const fields = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>);
		const files = fields.filter(([, field]) => 'contentMediaType' in field);
		return files.slice(0, 1).map(([name]) => `-F ${name}=@${name}`);
	}
	return [`-H 'content-type: ${type.replace('*', 'jpeg')}'`, '--data-binary @file'];
}

/** Something that fits, as short as it can be: what has to be there, else the first field. */
function exampleOf(schema: JsonSchema): unknown {
	const { enum: values, items, properties, required, type } = schema;
	const first = Array.isArray(type) ? (type[0] as unknown) : type;
	if (Array.isArray(values)) return values[0];
	if (first === 'object') {
		const fields = Object.entries((properties ?? {}) as Record<string, JsonSchema>);
		const needed = Array.isArray(required) ? (required as string[]) : [];
		const shown =
			needed.length > 0 ? fields.filter(([name]) => needed.includes(name)) : fields.slice(0, 1);
		return Object.fromEntries(shown.map(([name, field]) => [name, exampleOf(field)]));
	}
	if (first === 'array') return items instanceof Object ? [exampleOf(items as JsonSchema)] : [];
	if (first === 'integer' || first === 'number') return 1;
	if (first === 'boolean') return true;
	return first === 'string' ? '…' : {};
}
