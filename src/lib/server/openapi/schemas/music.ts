import type { ArtistResponse } from '#lib/artists/artist.ts';
import type { FoundPerson } from '#lib/artists/found-person.ts';
import type {
	AlbumMetadata,
	AlbumOfArtist,
	AlbumResponse,
	AlbumSummary
} from '#lib/server/albums/albums-api.ts';
import type { RevisionResponse } from '#lib/server/tracks/change-api.ts';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import type { TracksResponse } from '#lib/server/tracks/tracks-api.ts';
import type { LoudnessJson } from '#lib/tracks/track-json.ts';
import {
	address,
	flag,
	integer,
	list,
	number,
	objectOf,
	orNull,
	ref,
	text,
	time
} from '../schema.ts';

export const loudness = objectOf<LoudnessJson>({
	lufs: number('integrated, as EBU R128 has it'),
	true_peak_dbtp: number()
});

type Featured = TrackResponse['features'][number];
type AlbumOfTrack = NonNullable<TrackResponse['album']>;

export const track = objectOf<TrackResponse>({
	id: integer(),
	title: text(),
	artist: text('display name'),
	artist_did: text(),
	artist_handle: text(),
	artist_avatar_url: orNull(address()),
	description: orNull(text()),
	file_id: text('of what is streamed: /audio/{file_id}'),
	file_type: text('without a dot: mp3, m4a, flac, …'),
	codec: orNull(text()),
	smaller_file_id: orNull(text('the same music as a smaller mp3; null: there is none')),
	features: list(
		objectOf<Featured>({
			did: text(),
			handle: orNull(text()),
			display_name: orNull(text()),
			avatar_url: orNull(address())
		}),
		'people who are named on it'
	),
	r2_url: address('where its audio is'),
	atproto_record_uri: text('its record, as an at-uri'),
	atproto_record_cid: text(),
	atproto_record_url: orNull(address('the record as the artist’s server gives it')),
	play_count: integer(),
	duration_ms: orNull(integer()),
	loudness: orNull(ref('Loudness')),
	tags: list(text()),
	is_explicit: flag(),
	is_unlisted: flag('known by its address only'),
	created_at: time(),
	image_url: orNull(address()),
	is_liked: flag('by whoever asks'),
	like_count: integer(),
	album: orNull(
		objectOf<AlbumOfTrack>({
			id: text(),
			slug: text(),
			title: text(),
			image_url: orNull(address()),
			loudness: orNull(ref('Loudness'))
		})
	)
});

export const trackPage = objectOf<TracksResponse>({
	tracks: list(ref('Track')),
	next_cursor: orNull(text('for `cursor`; null at the end'))
});

export const revision = objectOf<RevisionResponse>({
	id: integer(),
	file_type: text(),
	size_bytes: integer(),
	duration_ms: orNull(integer()),
	replaced_at: time(),
	has_rights: flag('false: restoring it takes `rights_confirmed`')
});

const albumFields = {
	id: text(),
	title: text(),
	slug: text('the last part of its address'),
	track_count: integer(),
	total_plays: integer(),
	image_url: orNull(address('its cover, else the artist’s picture'))
};

const artistOfAlbum = { artist: text('display name'), artist_handle: text() };

export const albumOfArtist = objectOf<AlbumOfArtist>(albumFields);
export const albumSummary = objectOf<AlbumSummary>({ ...albumFields, ...artistOfAlbum });

export const albumMetadata = objectOf<AlbumMetadata>({
	...albumFields,
	...artistOfAlbum,
	description: orNull(text()),
	year: orNull(integer()),
	artist_did: text(),
	atproto_record_uri: orNull(text())
});

export const album = objectOf<AlbumResponse>({
	metadata: ref('AlbumMetadata'),
	tracks: list(ref('Track'), 'in the order of the album')
});

export const artist = objectOf<ArtistResponse>({
	did: text(),
	handle: text(),
	display_name: text(),
	bio: orNull(text()),
	avatar_url: orNull(address()),
	created_at: time(),
	updated_at: time()
});

export const foundPerson = objectOf<FoundPerson>({
	did: text(),
	handle: text(),
	display_name: orNull(text()),
	avatar_url: orNull(text('an address, or a path of this site'))
});
