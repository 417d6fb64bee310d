import { isDeepStrictEqual } from 'node:util';
import { main as lexicon } from '#lib/server/atproto/lexicons/fm/plyr/track.ts';
import type { Feature } from '#lib/server/db/schema.ts';
import { publicAudioUrl, publicImageUrl, type RecordSite } from './record-site.ts';
import { withExplicit } from './self-labels.ts';
import { encodeFeature } from './track-record.ts';
import { validateRecord } from './validate.ts';

/** What is changed of a track record; what is absent stays. Empty and null take a field away. */
export interface TrackOverlay {
	title?: string;
	description?: string;
	album?: string;
	features?: Feature[];
	/** normalised */
	tags?: string[];
	isExplicit?: boolean;
	isUnlisted?: boolean;
	imageId?: string | null;
	audio?: { fileId: string; fileType: string; durationMs: number | null };
}

/**
 * The record with some of it changed: everything else, known to us or not, stays as it was.
 * @returns null when that changes nothing
 * @throws InvalidRecord when the new record does not fit the lexicon
 */
export function overlayTrack(
	site: RecordSite,
	record: Record<string, unknown>,
	overlay: TrackOverlay
): Record<string, unknown> | null {
	const changed: Record<string, unknown> = {
		...record,
		...textFields(overlay),
		...peopleAndWords(record, overlay)
	};
	if (overlay.isUnlisted !== undefined) changed['unlisted'] = overlay.isUnlisted || undefined;
	if (overlay.isExplicit !== undefined) {
		changed['labels'] = withExplicit(record['labels'], overlay.isExplicit);
	}
	if (overlay.imageId !== undefined) {
		changed['imageUrl'] = overlay.imageId ? publicImageUrl(site, overlay.imageId) : undefined;
	}
	if (overlay.audio) Object.assign(changed, audioFields(site, overlay.audio));
	const next = Object.fromEntries(
		Object.entries(changed).filter(([, value]) => value !== undefined)
	);
	if (isDeepStrictEqual(next, record)) return null;
	validateRecord(lexicon, site.trackCollection, next);
	return next;
}

function textFields({ title, description, album }: TrackOverlay): Record<string, unknown> {
	return {
		...(title === undefined ? {} : { title }),
		...(description === undefined ? {} : { description: description || undefined }),
		...(album === undefined ? {} : { album: album || undefined })
	};
}

function peopleAndWords(
	record: Record<string, unknown>,
	{ features, tags }: TrackOverlay
): Record<string, unknown> {
	const fields: Record<string, unknown> = {};
	if (tags) fields['tags'] = tags.length > 0 ? tags : undefined;
	if (features) {
		const named = features.map((feature) => entryOf(record, feature));
		fields['features'] = named.length > 0 ? named : undefined;
	}
	return fields;
}

/** A person the record names already stays as they are named, with whatever else it says of them. */
function entryOf(record: Record<string, unknown>, feature: Feature): unknown {
	const entries: unknown[] = Array.isArray(record['features']) ? record['features'] : [];
	const known = entries.find(
		(entry) =>
			typeof entry === 'object' && entry !== null && 'did' in entry && entry.did === feature.did
	);
	return known ?? encodeFeature(feature);
}

/**
 * Other audio. A blob in the artist's repository would be the audio of before, and players take a
 * blob for the canonical one, so it must not stay.
 */
function audioFields(
	site: RecordSite,
	{ fileId, fileType, durationMs }: NonNullable<TrackOverlay['audio']>
): Record<string, unknown> {
	return {
		audioUrl: publicAudioUrl(site, fileId),
		fileType,
		duration: durationMs === null ? undefined : Math.round(durationMs / 1000),
		audioBlob: undefined
	};
}
