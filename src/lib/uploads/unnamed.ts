/**
 * How a track was published of whose featured artists some were not found; '' when all were.
 * @param handles those nobody was found under
 */
export function withoutNaming(handles: readonly string[]): string {
	const named = handles.map((handle) => `@${handle}`);
	const last = named.pop();
	if (last === undefined) return '';
	const people = named.length === 0 ? last : `${named.join(', ')} and ${last}`;
	return `without naming ${people}, who could not be found`;
}

export const HOW_TO_NAME = 'edit the track to add them';
