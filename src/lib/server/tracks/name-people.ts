import { isDid } from '#lib/auth/handle.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { Feature } from '#lib/server/db/schema.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { resolveFeature } from '#lib/server/uploads/resolve-features.ts';

/**
 * Finds out who is meant by handles and dids. The viewer themselves are left out.
 * @param known whom the track names already: nobody is asked about them
 * @throws DomainError 422 naming everybody who cannot be found
 */
export async function namePeople(
	ctx: Pick<Context, 'db' | 'oauth'>,
	viewer: Viewer,
	names: readonly string[],
	known: readonly Feature[]
): Promise<Feature[]> {
	const found = await Promise.all(names.map((name) => find(ctx, name, known)));
	const missing = names.filter((_, at) => found[at] === null);
	if (missing.length > 0) {
		const people = missing.map((name) => (isDid(name) ? name : `@${name}`)).join(', ');
		throw unprocessable(
			'features',
			`failed to resolve handle: ${people}. check the spelling, or leave them out for now`
		);
	}
	const people = new Map<string, Feature>();
	for (const person of found) {
		if (person && person.did !== viewer.did) people.set(person.did, person);
	}
	return [...people.values()];
}

async function find(
	ctx: Pick<Context, 'db' | 'oauth'>,
	name: string,
	known: readonly Feature[]
): Promise<Feature | null> {
	const named = known.find(({ did, handle }) => did === name || handle === name);
	if (named) return named;
	if (!isDid(name)) return await resolveFeature(ctx, name);
	try {
		const { did, handle } = await ctx.oauth.identify(name);
		return { did, handle, displayName: handle };
	} catch {
		// unknown, or their server is away: the refusal names them
		return null;
	}
}
