import type { ApiError } from '#lib/server/http/respond.ts';
import { integer, type JsonSchema, objectOf, type SchemaName, text } from '../schema.ts';
import { analytics } from './analytics.ts';
import { playhead, preferences, queue, queueState } from './listening.ts';
import {
	album,
	albumMetadata,
	albumOfArtist,
	albumSummary,
	artist,
	foundPerson,
	loudness,
	revision,
	track,
	trackPage
} from './music.ts';
import {
	catalogue,
	problem,
	release,
	releaseFields,
	releaseTrack,
	trackFields,
	upload
} from './publishing.ts';

const error = objectOf<ApiError>(
	{
		detail: { description: 'a sentence, or an object that has one as `message`' },
		code: text('stable, snake_case'),
		request_id: text('names the request in our log'),
		retry_after_seconds: integer('when trying again makes sense; the same as retry-after')
	},
	['retry_after_seconds']
);

/** Every schema with a name. */
export const SCHEMAS: Record<SchemaName, JsonSchema> = {
	Album: album,
	AlbumMetadata: albumMetadata,
	AlbumOfArtist: albumOfArtist,
	AlbumSummary: albumSummary,
	Analytics: analytics,
	Artist: artist,
	Catalogue: catalogue,
	Error: error,
	FoundPerson: foundPerson,
	Loudness: loudness,
	Playhead: playhead,
	Preferences: preferences,
	Problem: problem,
	Queue: queue,
	QueueState: queueState,
	Release: release,
	ReleaseFields: releaseFields,
	ReleaseTrack: releaseTrack,
	Revision: revision,
	Track: track,
	TrackFields: trackFields,
	TrackPage: trackPage,
	Upload: upload
};
