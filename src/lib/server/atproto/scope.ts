/** One permission: its kind, and the values of each parameter. */
interface Permission {
	kind: string;
	/** as written, for kinds we know nothing about */
	text: string;
	values: Map<string, string[]>;
}

/** What a `repo` permission allows when it names no action. https://atproto.com/specs/permission */
const ALL_ACTIONS = ['create', 'update', 'delete'];

/** The parameter that may be written after the colon. */
const POSITIONAL: Record<string, string> = { repo: 'collection', blob: 'accept', rpc: 'lxm' };

/**
 * What was asked for and not granted. A PDS may answer in another order, several collections in
 * one permission (`repo?collection=a&collection=b`), or something wider (`repo:*`).
 * @param needed a scope of `atproto`, `repo:…` and whatever else
 * @returns the missing permissions as they were asked for; empty when all is well
 */
export function missingPermissions(needed: string, granted: string): string[] {
	const given = split(granted).map(parsePermission);
	return split(needed).filter((text) => !isGranted(parsePermission(text), given));
}

const split = (scope: string) => scope.split(' ').filter((text) => text !== '');

function isGranted(wanted: Permission, given: Permission[]): boolean {
	if (given.some((permission) => permission.text === wanted.text)) return true;
	if (wanted.kind !== 'repo') return false;
	const actions = wanted.values.get('action') ?? ALL_ACTIONS;
	const collections = wanted.values.get('collection') ?? [];
	return collections.every((collection) =>
		actions.every((action) => given.some((permission) => allows(permission, collection, action)))
	);
}

function allows(permission: Permission, collection: string, action: string): boolean {
	// the wide permission from before there were narrow ones
	if (permission.text === 'transition:generic') return true;
	if (permission.kind !== 'repo') return false;
	const collections = permission.values.get('collection') ?? [];
	const actions = permission.values.get('action') ?? ALL_ACTIONS;
	return (
		(collections.includes(collection) || collections.includes('*')) && actions.includes(action)
	);
}

function parsePermission(text: string): Permission {
	const [head = '', query = ''] = text.split('?', 2);
	const colonAt = head.indexOf(':');
	const kind = colonAt < 0 ? head : head.slice(0, colonAt);
	const values = new Map<string, string[]>();
	const add = (name: string, value: string) =>
		values.set(name, [...(values.get(name) ?? []), value]);
	const positional = POSITIONAL[kind];
	if (colonAt >= 0 && positional) add(positional, head.slice(colonAt + 1));
	for (const [name, value] of new URLSearchParams(query)) add(name, value);
	return { kind, text, values };
}
