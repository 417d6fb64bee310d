import { type JsonSchema, integer, text } from './schema.ts';

export type Method = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options';

/** Who may ask: `artist`: somebody signed in who has an artist profile. */
export type Audience = 'anybody' | 'session' | 'artist';

/** One method of one address, as it is described. */
export interface Operation {
	method: Method;
	/** as OpenAPI writes it, without a slash at its end: /api/tracks/{id} */
	path: string;
	/** what it does, in a line */
	summary: string;
	/** what else a caller has to know */
	details?: string;
	audience: Audience;
	parameters?: Parameter[];
	body?: Body;
	answers: Answer[];
	/** beside those that every operation of its kind has */
	errors?: Problem[];
}

export interface Parameter {
	name: string;
	place: 'path' | 'query' | 'header';
	description: string;
	isRequired?: boolean;
	schema: JsonSchema;
}

export interface Body {
	/** by content type */
	content: Record<string, JsonSchema>;
	/** what `content` cannot say */
	details?: string;
	isOptional?: boolean;
}

export interface Answer {
	status: number;
	description: string;
	/** absent: there is no body */
	content?: Record<string, JsonSchema>;
}

/** A failure: its status, its `code`, and when. */
export type Problem = [status: number, code: string, when: string];

/** Operations about the same thing. */
export interface Group {
	/** also the anchor in the readable form */
	name: string;
	text: string;
	operations: Operation[];
}

export const json = (schema: JsonSchema): Record<string, JsonSchema> => ({
	'application/json': schema
});

export const jsonBody = (schema: JsonSchema, details?: string): Body => ({
	content: json(schema),
	...(details === undefined ? {} : { details })
});

/** OpenAPI wants a word about every answer. */
export const AS_ASKED = 'as asked';

export const ok = (schema: JsonSchema, description = AS_ASKED): Answer => ({
	status: 200,
	description,
	content: json(schema)
});

export const events = (description: string): Answer => ({
	status: 200,
	description,
	content: { 'text/event-stream': text('server-sent events; their data is json') }
});

/** An answer that only says in words what was done. */
export const done = (message: string): Answer => ok(MESSAGE, `{"message": "${message}"}`);

const MESSAGE: JsonSchema = {
	type: 'object',
	properties: { message: text() },
	required: ['message']
};

export const query = (
	name: string,
	description: string,
	schema: JsonSchema = text()
): Parameter => ({
	...{ name, place: 'query', description, schema }
});

export const header = (name: string, description: string): Parameter => ({
	...{ name, place: 'header', description, schema: text() }
});

/** Those of every list in pages. */
export const PAGED: Parameter[] = [
	query('limit', 'how many, 50 when it is left out', { ...integer(), minimum: 1, maximum: 100 }),
	query('cursor', '`next_cursor` of the page before; the first page when it is left out')
];

export const LAST_EVENT_ID = header(
	'last-event-id',
	'the id of the last event that arrived: the stream goes on behind it'
);

export const TRACK_NOT_FOUND: Problem[] = [
	[404, 'track_not_found', 'there is no such track'],
	[410, 'track_removed', 'there was one, and it was removed'],
	[410, 'track_taken_down', 'whoever runs the site has taken it down; the reason is in `detail`'],
	[451, 'track_taken_down', 'the same, for legal reasons'],
	[422, 'invalid_field', 'the id is no number']
];

export const NOT_YOUR_TRACK: Problem = [403, 'not_your_track', 'it is another artist’s'];

/** What writing a record may come to. */
export const RECORD_PROBLEMS: Problem[] = [
	[401, 'sign_in_again', 'the person’s server no longer knows the sign-in'],
	[502, 'record_refused', 'the person’s server does not take the record'],
	[503, 'pds_unavailable', 'the person’s server does not answer']
];

/** What a form may come to. */
export const FORM_PROBLEMS: Problem[] = [
	[400, 'malformed_form', 'the form cannot be read'],
	[400, 'incomplete_form', 'it broke off'],
	[400, 'field_too_large', 'a field is longer than any that fits']
];

/** What a picture may come to. */
export const PICTURE_PROBLEMS: Problem[] = [
	[400, 'unsupported_image', 'it is no jpeg, png, webp, gif or avif'],
	[400, 'broken_image', 'it cannot be read'],
	[400, 'image_too_many_pixels', 'it has more than 60 million'],
	[413, 'image_too_large', 'it has more than 20 MB']
];
