import { createHash } from 'node:crypto';

/** Which row it is: the stage it was made at, and 0, 1 or 2. */
export interface RowPlace {
	stage: number;
	row: number;
}

type Choose = (place: RowPlace) => unknown;

const always = (value: unknown) => () => value;
/** One for each of the three rows. */
const each =
	(...values: unknown[]): Choose =>
	({ row }) =>
		values[row];
const did = ({ stage, row }: RowPlace) => `did:plc:stage${stage}row${row}`;
const recordUri = (place: RowPlace) => `at://${did(place)}/fm.plyr.track/${place.stage}`;

/** What a column holds that its type does not say; by `table.column`, or `*.column` in every table. */
export const CHOSEN: Readonly<Record<string, Choose>> = {
	'*.did': did,
	'*.artist_did': did,
	'audio_files.file_id': ({ stage, row }) => fileHash(stage, row).slice(0, 16),
	'audio_files.sha256': ({ stage, row }) => fileHash(stage, row),
	'audio_files.loudness_lufs': each(-14, null, -20),
	'audio_files.true_peak_dbtp': each(-1, null, -2),
	'smaller_files.file_id': always(null),
	'tracks.record_uri': recordUri,
	'tracks.visibility': each('public', 'unlisted', 'public'),
	'tracks.title': ({ stage, row }) => `Été ${stage} Song ${row}`,
	'artists.downloads': each('open', 'ask', 'off'),
	'artists.shows_likes': each(true, false, true),
	'albums.deletion': each('keep_tracks', null, null),
	'releases.status': each('published', 'draft', 'published'),
	'releases.album_deletion': each('keep_tracks', null, null),
	'uploads.status': each('completed', 'waiting', 'failed'),
	'uploads.stage': each('indexed', 'received', 'transcoded'),
	'track_problems.repair': each('wanted', null, 'failed'),
	'track_problems.choice': each('record', null, 'ours'),
	'deliveries.channel': each('webhook', 'direct_message', 'webhook'),
	'queues.recent_pushes': always(['push']),
	'preferences.accent_color': always('#336699'),
	'preferences.theme': each('dark', 'light', 'system'),
	'preferences.crossfade_seconds': each(0, 6, 12),
	'preferences.level_volume': each('off', 'track', 'album'),
	'preferences.reduced_data': each('auto', 'on', 'off'),
	'like_writes.aim': each('follow', 'erase', 'follow'),
	'developer_tokens.scope': each('read', 'write', 'read'),
	'reported_subjects.kind': always('track'),
	'reported_subjects.subject': recordUri,
	'takedowns.kind': always('track'),
	'takedowns.subject': recordUri,
	'takedowns.ground': each('legal', 'rules', 'rules')
};

const fileHash = (stage: number, row: number) =>
	createHash('sha256').update(`file ${stage} ${row}`).digest('hex');
