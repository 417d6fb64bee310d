/** Says that an answer depends on these headers of the request too, each named once. */
export function addVary(headers: Headers, ...names: string[]): void {
	const known = (headers.get('vary') ?? '').split(',').map((name) => name.trim().toLowerCase());
	const all = [...known.filter((name) => name !== ''), ...names];
	headers.set('vary', [...new Set(all)].join(', '));
}
