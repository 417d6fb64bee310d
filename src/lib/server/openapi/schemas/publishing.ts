import type {
	ReleaseFieldsState,
	ReleaseState,
	ReleaseTrackState,
	TrackFieldsState
} from '#lib/releases/release.ts';
import type { CatalogueResponse, ProblemResponse } from '#lib/server/catalogue/catalogue-api.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import {
	address,
	flag,
	integer,
	list,
	objectOf,
	oneOf,
	orNull,
	record,
	ref,
	text,
	time
} from '../schema.ts';

export const upload = objectOf<UploadState>({
	upload_id: text(),
	status: oneOf('receiving', 'pending', 'processing', 'waiting', 'completed', 'failed'),
	stage: oneOf(
		...['receiving', 'received', 'inspected', 'transcoded', 'stored', 'published', 'indexed']
	),
	phase: orNull(oneOf('upload', 'image', 'metadata', 'atproto', 'database')),
	message: text('how far it is, for people'),
	track_id: orNull(integer('what became of it')),
	error: orNull(text()),
	error_code: orNull(text()),
	server_progress_pct: orNull(integer()),
	file_name: text(),
	path: orNull(text('where the file lay in what was dropped')),
	modified_ms: orNull(integer()),
	title: orNull(text()),
	received_bytes: integer(),
	size_bytes: orNull(integer()),
	release_id: orNull(text()),
	release_position: orNull(integer()),
	replaces_track_id: orNull(integer('the track it is new audio for')),
	unnamed_features: list(text(), 'handles nobody was found under'),
	version: integer('counts up with every change: the id of the progress event'),
	created_at: time(),
	completed_at: orNull(time())
});

const picture = { image_id: orNull(text()), image_url: orNull(address()) };

const releaseFieldSchemas = {
	album_title: orNull(text('null: not said; empty: its tracks are singles')),
	description: orNull(text()),
	year: orNull(integer()),
	...picture
};

export const releaseFields = objectOf<ReleaseFieldsState>(releaseFieldSchemas);

export const trackFields = objectOf<TrackFieldsState>({
	title: orNull(text()),
	description: orNull(text()),
	tags: orNull(list(text())),
	features: orNull(list(text('handle'))),
	is_explicit: flag(),
	is_unlisted: flag(),
	...picture
});

type Duplicate = NonNullable<ReleaseTrackState['duplicate_of']>;

export const releaseTrack = objectOf<ReleaseTrackState>({
	upload: ref('Upload'),
	position: integer('1 is the first'),
	fields: ref('TrackFields'),
	suggested: objectOf<ReleaseTrackState['suggested']>({
		title: text(),
		artist: orNull(text()),
		track_number: orNull(integer()),
		disc_number: orNull(integer()),
		year: orNull(integer()),
		tags: list(text()),
		isrc: orNull(text()),
		has_lyrics: flag(),
		...picture
	}),
	duplicate_of: orNull(
		objectOf<Duplicate>({ track_id: orNull(integer()), upload_id: orNull(text()), title: text() })
	)
});

const { album_title: albumTitle, year } = releaseFieldSchemas;

export const release = objectOf<ReleaseState>({
	release_id: text(),
	status: oneOf('draft', 'published'),
	fields: ref('ReleaseFields'),
	suggested: objectOf<ReleaseState['suggested']>({ album_title: albumTitle, year, ...picture }),
	rights_confirmed: flag(),
	release_at: orNull(time('null: at once')),
	takes_files_until: orNull(time('files may join it until then')),
	is_arriving: flag(),
	album: orNull(record({ id: text(), handle: text(), slug: text() })),
	album_deletion: orNull(oneOf('keep_tracks', 'with_tracks')),
	tracks: list(ref('ReleaseTrack'), 'in the order of the release'),
	created_at: time(),
	updated_at: time()
});

const problemFields = {
	id: integer(),
	kind: text('stable, snake_case'),
	message: text('for people'),
	repair: orNull(text('what a repair would do; null: only the artist can do something')),
	status: oneOf('open', 'wanted', 'failed'),
	error: orNull(text()),
	found_at: time()
};

export const problem = objectOf<ProblemResponse>(problemFields);

export const catalogue = objectOf<CatalogueResponse>({
	check: oneOf('never', 'waiting', 'running', 'done'),
	progress: orNull(record({ records: integer(), tracks: integer(), objects: integer() })),
	trouble: orNull(text()),
	report: orNull({ type: 'object', description: 'what the last check compared and found' }),
	repairs_left: integer(),
	needs_sign_in: flag(),
	problems: list(
		record({ ...problemFields, uri: text(), title: text(), track_id: orNull(integer()) })
	)
});
