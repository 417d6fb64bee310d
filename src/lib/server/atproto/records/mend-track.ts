import { main as lexicon } from '#lib/server/atproto/lexicons/fm/plyr/track.ts';
import { InvalidRecord } from './invalid-record.ts';
import type { RecordSite } from './record-site.ts';
import { encodeTrack, type TrackToPublish } from './track-record.ts';
import { validateRecord } from './validate.ts';

/** Fields that say what a track is. Whatever else a record has is somebody else's. */
const OWN_FIELDS = new Set([
	...['$type', 'title', 'artist', 'audioUrl', 'fileType', 'createdAt', 'album', 'description'],
	...['duration', 'features', 'tags', 'imageUrl', 'unlisted']
]);

/**
 * A record that does not fit its lexicon, with every field of ours set anew. What others have added
 * stays, labels too unless they are what does not fit.
 * @throws InvalidRecord when it still does not fit
 */
export function mendTrack(
	site: RecordSite,
	record: Record<string, unknown>,
	track: TrackToPublish
): Record<string, unknown> {
	const kept = Object.fromEntries(Object.entries(record).filter(([name]) => !OWN_FIELDS.has(name)));
	const { labels: _theirs, ...others } = kept;
	const ours = encodeTrack(site, track);
	const labelled = { ...kept, ...ours };
	if (fits(site, labelled)) return labelled;
	const mended = { ...others, ...ours };
	validateRecord(lexicon, site.trackCollection, mended);
	return mended;
}

function fits(site: RecordSite, record: Record<string, unknown>): boolean {
	try {
		validateRecord(lexicon, site.trackCollection, record);
		return true;
	} catch (cause) {
		if (cause instanceof InvalidRecord) return false;
		throw cause;
	}
}
