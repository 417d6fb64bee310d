import type { Answer, Operation, Parameter, Problem } from './operation.ts';
import { integer, ref, text } from './schema.ts';

/** What stands in addresses. */
const IN_PATHS: Record<string, string> = {
	album:
		'the handle or did of its artist where it is read; the id of the album where it is changed',
	did: 'of the artist',
	file_id: 'of what is streamed',
	handle: 'as it is now',
	id: 'its id',
	revision_id: 'of the earlier version',
	slug: 'the last part of the album’s address'
};

const isTrackId = (path: string, name: string) =>
	name === 'id' && path.startsWith('/api/tracks/{id}');

/** The parts of an address that differ, and everything else that can be said beside it. */
export function parametersOf({ path, parameters = [] }: Operation): Parameter[] {
	const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
	const inPath = names.map((name): Parameter => {
		const schema = isTrackId(path, name) ? integer() : text();
		const description = IN_PATHS[name] ?? name;
		return { name, place: 'path', description, isRequired: true, schema };
	});
	return [...inPath, ...parameters];
}

const SESSION: Problem[] = [
	[401, 'not_authenticated', 'nobody is signed in'],
	[401, 'invalid_session', 'the session has ended']
];
const ARTIST: Problem = [403, 'artist_profile_required', 'you have no artist profile yet'];
const CHANGES: Problem[] = [
	[403, 'cross_site_request', 'a browser sent it from another site'],
	[429, 'too_many_requests', 'too often: `retry-after` says when to come back']
];
const FIELD: Problem = [
	422,
	'invalid_field',
	'a field or parameter does not fit: `detail` names it'
];

/** What may go wrong with all operations of a kind, and with all of them. */
export const COMMON_PROBLEMS: Problem[] = [
	...SESSION,
	ARTIST,
	...CHANGES,
	FIELD,
	[500, 'internal_error', 'something went wrong on our side: tell us the `request_id`'],
	[503, 'database_unavailable', 'try again in a moment']
];

/** Everything that may go wrong, those of its kind too. */
export function problemsOf(operation: Operation): Problem[] {
	const { audience, body, errors = [], method, parameters = [] } = operation;
	const isRead = method === 'get' || method === 'head' || method === 'options';
	const all: Problem[] = [
		...errors,
		...(audience === 'anybody' ? [] : SESSION),
		...(audience === 'artist' ? [ARTIST] : []),
		...(isRead ? [] : CHANGES),
		...(body || parameters.some(({ place }) => place === 'query') ? [FIELD] : [])
	];
	const known = new Set<string>();
	return all.filter(([, code]) => !known.has(code) && known.add(code));
}

/** The failures by their status, as answers. */
export function failuresOf(operation: Operation): Answer[] {
	const byStatus = Map.groupBy(problemsOf(operation), ([status]) => status);
	const statuses = [...byStatus.keys()].sort((a, b) => a - b);
	return statuses.map((status) => ({
		status,
		description: (byStatus.get(status) ?? [])
			.map(([, code, when]) => `${code}: ${when}`)
			.join('; '),
		content: { 'application/json': ref('Error') }
	}));
}
