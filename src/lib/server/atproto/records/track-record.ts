import { main as lexicon } from '#lib/server/atproto/lexicons/fm/plyr/track.ts';
import type { Feature } from '#lib/server/db/schema.ts';
import { normaliseTags } from '#lib/tracks/tag.ts';
import { InvalidRecord } from './invalid-record.ts';
import { isVisible, lineOfRecord, linesOfRecord } from './record-text.ts';
import { idOfPublicUrl, publicAudioUrl, publicImageUrl, type RecordSite } from './record-site.ts';
import { saysExplicit, withExplicit } from './self-labels.ts';
import { validateRecord } from './validate.ts';

/** What a track is, before it is written. */
export interface TrackToPublish {
	title: string;
	/** the artist's display name */
	artist: string;
	album?: string;
	description?: string;
	features: Feature[];
	/** of what is streamed */
	fileId: string;
	/** extension without the dot */
	fileType: string;
	/** null: nothing could measure it */
	durationMs: number | null;
	imageId?: string;
	/** normalised */
	tags: readonly string[];
	isExplicit?: boolean;
	isUnlisted?: boolean;
	/** chosen once: a retry writes the identical record */
	createdAt: Date;
}

/** What a track record says, after it was read. */
export interface TrackRecord {
	title: string;
	artist: string;
	fileType: string;
	createdAt: Date;
	/** of our own audio and pictures; null when the record points elsewhere or nowhere */
	fileId: string | null;
	imageId: string | null;
	album: string | null;
	description: string | null;
	features: Feature[];
	/** normalised, whoever wrote them */
	tags: string[];
	durationSeconds: number | null;
	/** the artist's own warning */
	isExplicit: boolean;
	isUnlisted: boolean;
}

/**
 * The record to write into the artist's repository. Fields nothing is known for are left out.
 * @throws InvalidRecord when it does not fit the lexicon
 */
export function encodeTrack(site: RecordSite, track: TrackToPublish): Record<string, unknown> {
	const record: Record<string, unknown> = {
		$type: site.trackCollection,
		title: track.title,
		artist: track.artist,
		audioUrl: publicAudioUrl(site, track.fileId),
		fileType: track.fileType,
		createdAt: track.createdAt.toISOString()
	};
	if (track.album) record['album'] = track.album;
	if (track.description) record['description'] = track.description;
	if (track.durationMs !== null) record['duration'] = Math.round(track.durationMs / 1000);
	if (track.features.length > 0) record['features'] = track.features.map(encodeFeature);
	if (track.tags.length > 0) record['tags'] = [...track.tags];
	if (track.imageId) record['imageUrl'] = publicImageUrl(site, track.imageId);
	if (track.isExplicit) record['labels'] = withExplicit(undefined, true);
	if (track.isUnlisted) record['unlisted'] = true;
	validateRecord(lexicon, site.trackCollection, record);
	return record;
}

export function encodeFeature({ did, handle, displayName }: Feature): Feature {
	return { did, ...(handle ? { handle } : {}), ...(displayName ? { displayName } : {}) };
}

/** Somebody who is named twice is on it once. */
const eachOnce = (features: readonly Feature[]): Feature[] => [
	...new Map(features.map((feature) => [feature.did, feature])).values()
];

const decodeFeature = ({ displayName, ...feature }: Feature): Feature =>
	encodeFeature({ ...feature, displayName: lineOfRecord(displayName ?? '') });

/**
 * Reads a record that came from a repository.
 * @throws InvalidRecord
 */
export function decodeTrack(site: RecordSite, record: unknown): TrackRecord {
	const track = validateRecord(lexicon, site.trackCollection, record);
	if (!isVisible(track.title)) throw new InvalidRecord('nothing of its title can be seen');
	return {
		title: lineOfRecord(track.title),
		artist: lineOfRecord(track.artist),
		fileType: track.fileType,
		createdAt: new Date(track.createdAt),
		fileId: idOfPublicUrl(site, 'audio', track.audioUrl),
		imageId: idOfPublicUrl(site, 'images', track.imageUrl),
		album: lineOfRecord(track.album ?? '').trim() || null,
		description: linesOfRecord(track.description ?? '') || null,
		features: eachOnce(track.features ?? []).map(decodeFeature),
		durationSeconds: track.duration ?? null,
		tags: normaliseTags(track.tags ?? []),
		isExplicit: saysExplicit(track.labels),
		isUnlisted: track.unlisted === true
	};
}
