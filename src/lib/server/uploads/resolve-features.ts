import type { Context } from '#lib/server/context.ts';
import type { Feature } from '#lib/server/db/schema.ts';
import type { UploadRow } from './queries.ts';

/** The people an upload names, as a record does; and the handles nobody was found under. */
export interface ResolvedFeatures {
	features: Feature[];
	unknown: string[];
}

/**
 * Finds out who the featured artists are. The uploader's own handle is left out. One who cannot be
 * found does not hold the upload up: the artist is told and can name them later.
 */
export async function resolveFeatures(
	ctx: Pick<Context, 'oauth' | 'db'>,
	upload: Pick<UploadRow, 'artist_did' | 'fields' | 'findings'>
): Promise<ResolvedFeatures> {
	const { features: known, unknownFeatures = [] } = upload.findings;
	if (known) return { features: known, unknown: unknownFeatures };
	const handles = upload.fields.features ?? [];
	const resolved = await Promise.all(handles.map((handle) => resolveFeature(ctx, handle)));
	const features = new Map<string, Feature>();
	for (const feature of resolved) {
		if (feature && feature.did !== upload.artist_did) features.set(feature.did, feature);
	}
	return {
		features: [...features.values()],
		unknown: handles.filter((_, at) => resolved[at] === null)
	};
}

/**
 * Who is behind a handle: an artist here, else whoever the network knows.
 * @returns null when nobody is found, or their server is away
 */
export async function resolveFeature(
	{ oauth, db }: Pick<Context, 'oauth' | 'db'>,
	handle: string
): Promise<Feature | null> {
	const here = await db
		.selectFrom('artists')
		.select(['did', 'handle', 'display_name'])
		.where('handle', '=', handle)
		.executeTakeFirst();
	if (here) return { did: here.did, handle: here.handle, displayName: here.display_name };
	try {
		const { did } = await oauth.identify(handle);
		return { did, handle, displayName: handle };
	} catch {
		// unknown, or their server is away: the upload's message names them
		return null;
	}
}
