import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { DownloadRule } from '#lib/artists/download-rule.ts';
import type { TokenScope } from '#lib/auth/developer-token.ts';
import type { PreferencesJson } from '#lib/preferences/preferences-json.ts';
import type { QueueStateJson } from '#lib/queue/queue-json.ts';

/** A timestamptz: read as a Date, written as one, filled by the database when left out. */
type Timestamp = ColumnType<Date, Date | undefined, Date>;
/** A bigint that stays below 2^53 (sizes, counters): postgres.js is told to read it as a number. */
type BigCount = ColumnType<number, number | undefined, number>;

export interface ArtistTable {
	did: string;
	handle: string;
	display_name: string;
	bio: string | null;
	/** images.image_id of the avatar */
	avatar_image_id: string | null;
	/** address of the person's PDS, refreshed at sign-in */
	pds_url: string | null;
	downloads: Generated<DownloadRule>;
	/** what they like is listed on their page */
	shows_likes: Generated<boolean>;
	/** the account was taken down; the database keeps it up */
	is_hidden: ColumnType<boolean, never, never>;
	created_at: Timestamp;
	updated_at: Timestamp;
}

/** A handle an artist had before, which leads to them. */
export interface FormerHandleTable {
	handle: string;
	did: string;
	left_at: Timestamp;
}

/** Of an artist's tracks that everybody sees; the database keeps them up. */
export interface ArtistNumbersTable {
	did: string;
	track_count: BigCount;
	play_count: BigCount;
}

/** One stored audio file, by content. Several tracks, of several artists, may refer to it. */
export interface AudioFileTable {
	/** first 16 hex characters of sha256 */
	file_id: string;
	/** full hash, hex */
	sha256: string;
	/** exact key in storage, written once and never rebuilt */
	storage_key: string;
	/** extension without the dot: mp3, m4a, wav, flac, ogg, opus, aiff */
	file_type: string;
	content_type: string;
	size_bytes: BigCount;
	/** what the analysis measured; null where it has not run (no transcoder) or does not apply */
	codec: string | null;
	sample_rate_hz: number | null;
	channels: number | null;
	bit_rate_bps: number | null;
	duration_ms: number | null;
	/** EBU R128 integrated loudness */
	loudness_lufs: number | null;
	true_peak_dbtp: number | null;
	/** 1,800 bytes, the largest absolute sample of each slice, 0..255 */
	peaks: Buffer | null;
	/** what the file says about itself; null where nobody has read it */
	tags: ColumnType<FileTags | null, string | null | undefined, string | null>;
	created_at: Timestamp;
}

/** The smaller file of the same music beside one that is streamed. */
export interface SmallerFileTable {
	/** the one that is streamed */
	of_file_id: string;
	/** null: it is not made yet, or was given up */
	file_id: ColumnType<string | null, string | null | undefined, string | null>;
	/** how often it was begun since it was made last */
	attempts: Generated<number>;
	tried_at: Timestamp;
}

/** What an audio file says about itself, cleaned and cut to what can be kept. */
export interface FileTags {
	title?: string;
	/** as one text, the way it is shown: "alice & bob" */
	artist?: string;
	artists?: string[];
	albumArtist?: string;
	album?: string;
	trackNumber?: number;
	discNumber?: number;
	year?: number;
	genres?: string[];
	isrc?: string;
	lyrics?: string;
	comment?: string;
}

/** One stored picture, by content, already re-encoded. */
export interface ImageTable {
	/** first 16 hex characters of the sha256 of the picture as it was given */
	image_id: string;
	sha256: string;
	/**
	 * storage keys of the renditions by name, {"square-320.avif": "images/…-square-320.avif", …}; "320"
	 * and "1200", squares in webp, are there in every row
	 */
	renditions: JSONColumnType<Record<string, string>>;
	width_px: number;
	height_px: number;
	/** a tiny blurred version as a data: address; null for pictures kept before there were any */
	placeholder: ColumnType<string | null, string | null | undefined, string | null>;
	/** #rrggbb; null as above */
	dominant_color: ColumnType<string | null, string | null | undefined, string | null>;
	/** when it was last given to us: what is going to refer to it may take a while */
	offered_at: Timestamp;
	created_at: Timestamp;
}

/** An object nothing refers to: it is deleted, and its key is not used again for days. */
export interface ReleasedObjectTable {
	storage_key: string;
	/** did of the artist, or the sweep */
	who: string;
	why: string;
	released_at: Timestamp;
	/** null: not deleted yet */
	deleted_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** Objects are not deleted while there is one that has not expired: a backup copies them. */
export interface ObjectHoldTable {
	id: string;
	begun_at: Timestamp;
	/** put off as long as it is needed */
	expires_at: ColumnType<Date, Date, Date>;
}

/** The index of album records (fm.plyr.list); the record columns are null for one that only tracks name. */
export interface AlbumTable {
	id: Generated<string>;
	artist_did: string;
	slug: string;
	title: string;
	description: string | null;
	year: number | null;
	image_id: string | null;
	rkey: string | null;
	record_uri: string | null;
	record_cid: string | null;
	record_rev: string | null;
	/** counted up when the record ought to be looked at; `sync_done` is the count that was done last */
	sync_wanted: BigCount;
	sync_done: BigCount;
	/** why the record has to wait, stable and snake_case; null: it does not */
	waiting_code: ColumnType<string | null, string | null | undefined, string | null>;
	waiting_since: ColumnType<Date | null, Date | null | undefined, Date | null>;
	/** what the artist changed while the record could not be written */
	kept_change: ColumnType<AlbumChange | null, string | null | undefined, string | null>;
	/** a job takes it away, with its tracks or without: nobody sees it any more */
	deletion: ColumnType<
		AlbumDeletion | null,
		AlbumDeletion | null | undefined,
		AlbumDeletion | null
	>;
	created_at: Timestamp;
	updated_at: Timestamp;
}

export type AlbumDeletion = 'keep_tracks' | 'with_tracks';

/** What an artist changes about an album: what is absent stays, null takes it away. */
export interface AlbumChange {
	title?: string;
	description?: string | null;
	year?: number | null;
	imageId?: string | null;
	/** the artist's own tracks, in the order they are to have; those left out of it stay */
	order?: number[];
	/** tracks to be taken out */
	removed?: number[];
	/** tracks that come to the end, unless they are there already */
	added?: number[];
}

/** An address an album had before, which leads to it. */
export interface AlbumSlugTable {
	artist_did: string;
	slug: string;
	album_id: string;
}

/** What an album's record lists, in its order; a track may be indexed before or after it. */
export interface AlbumItemTable {
	album_id: string;
	/** 1-based */
	position: number;
	subject_uri: string;
}

/** A person named on a track, as the record names them. */
export interface Feature {
	did: string;
	handle?: string;
	displayName?: string;
}

/** The index of track records: what a page needs, so that reading never leaves the machine. */
export interface TrackTable {
	id: Generated<number>;
	artist_did: string;
	/** record key; with the artist's did it is the record's address */
	rkey: string;
	record_uri: string;
	record_cid: string;
	/** revision of the repository the indexed version came with; null for our own write before its echo */
	record_rev: string | null;
	title: string;
	description: string | null;
	album_id: string | null;
	/** sorts the tracks of an album, with gaps; order is data, not arrival time */
	album_position: number | null;
	/** the album the track's own record names */
	named_album: ColumnType<string | null, string | null | undefined, string | null>;
	features: JSONColumnType<Feature[]>;
	/** what is streamed */
	file_id: string;
	/** what the artist uploaded; the same as file_id when it is streamed as uploaded */
	original_file_id: string;
	duration_ms: number | null;
	image_id: string | null;
	/** how many rows of `plays` there are */
	play_count: Generated<number>;
	/** how many rows of `likes` there are */
	like_count: Generated<number>;
	/** what counts; the database makes it `hidden` as long as a takedown is in force */
	visibility: Generated<TrackVisibility>;
	/** what the artist wants, whatever `visibility` is; the database keeps it up */
	listed_as: ColumnType<ListedAs, never, never>;
	/** the artist's own warning */
	is_explicit: Generated<boolean>;
	created_at: Timestamp;
	indexed_at: Timestamp;
}

export type TrackVisibility =
	| ListedAs
	/** it was taken down, or its artist's account: its artist alone knows of it */
	| 'hidden'
	/** a job takes it away: nobody sees it any more */
	| 'deleting';

export type ListedAs =
	| 'public'
	/** by its address only: in no list, feed or search */
	| 'unlisted';

export interface TrackTagTable {
	track_id: number;
	/** normalised, see tracks/tag.ts */
	tag: string;
	/** `created_at` of the track; the database keeps it up */
	track_created_at: ColumnType<Date | null, never, never>;
}

/** The audio a track had before it was replaced. */
export interface TrackRevisionTable {
	id: Generated<number>;
	track_id: number;
	file_id: string;
	original_file_id: string;
	duration_ms: number | null;
	replaced_at: Timestamp;
}

/** A record that was deleted, so that an older event cannot bring it back. */
export interface RecordTombstoneTable {
	record_uri: string;
	/** the track it was, whose address now says that it was removed; null for other records */
	track_id: ColumnType<number | null, number | null | undefined, number | null>;
	/** revision of the repository at the deletion; null when we do not know it yet */
	rev: string | null;
	deleted_at: Timestamp;
}

/** What an artist says about tracks that are published together. */
export interface ReleaseFields {
	/** absent: not said yet; '': no album, its tracks are singles */
	albumTitle?: string;
	description?: string;
	year?: number;
	/** cover of the album */
	imageId?: string;
	/** the artist has chosen an order: `uploads.release_position` holds it */
	isOrdered?: boolean;
}

/** Tracks published together, edited as a draft before anything is published. */
export interface ReleaseTable {
	id: string;
	artist_did: string;
	status: ColumnType<'draft' | 'published', 'draft' | undefined, 'draft' | 'published'>;
	fields: JSONColumnType<ReleaseFields>;
	/** the album made of it */
	album_id: string | null;
	/** when the artist stated that they may publish it */
	rights_confirmed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	/** null: at once */
	release_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	created_at: Timestamp;
	updated_at: Timestamp;
	published_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	/** the album was deleted while tracks of it were on their way: nothing brings it back */
	album_deletion: ColumnType<
		AlbumDeletion | null,
		AlbumDeletion | null | undefined,
		AlbumDeletion | null
	>;
	/** when what its artist had not said was taken from its files; null: not yet */
	settled_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** Something its artist ought to know, as the last check found it. */
export interface TrackProblemTable {
	id: Generated<number>;
	artist_did: string;
	/** address of the record it is about */
	subject_uri: string;
	/** null: an album's, or of a record that is not listed */
	track_id: number | null;
	album_id: string | null;
	/** stable, snake_case: a ProblemKind */
	kind: string;
	detail: JSONColumnType<Record<string, unknown>>;
	/** `wanted`: a job is to do it; `failed`: `error` says why it could not */
	repair: 'wanted' | 'failed' | null;
	/** of two versions, the one that is to stay */
	choice: 'record' | 'ours' | null;
	error: string | null;
	found_at: Timestamp;
}

/** The checks of an artist's catalogue: the last one that ended, and the one under way. */
export interface CatalogueCheckTable {
	artist_did: string;
	report: ColumnType<Record<string, unknown> | null, string | null | undefined, string | null>;
	/** when the last one ended */
	checked_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	/** when somebody last asked for one */
	requested_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	/** when the last one that ended began: what was asked for before is answered */
	covers_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	/** of the one under way; null: there is none */
	started_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	/** how far the one under way is */
	records_read: Generated<number>;
	tracks_read: Generated<number>;
	objects_read: Generated<number>;
	/** why it takes longer, in plain words */
	trouble: ColumnType<string | null, string | null | undefined, string | null>;
	/** since when repairs wait for a sign-in; null: they do not */
	waiting_since: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** How much of something limited was done in one window of time. */
export interface RateWindowTable {
	/** what is limited, and for whom */
	key: string;
	window_start: Date;
	amount: BigCount;
}

/** Something that happened and that the operator may want to know weeks later. */
export interface BusinessEventTable {
	id: Generated<number>;
	/** snake_case: track_uploaded, upload_failed, record_written, … */
	event: string;
	/** ids and reasons; never tokens */
	fields: JSONColumnType<Record<string, unknown>>;
	happened_at: Timestamp;
}

/** One event on its way to the operator by one channel; the columns say what came of it. */
export interface DeliveryTable {
	/** also sent along, so that a receiver knows a repetition */
	id: string;
	channel: 'direct_message' | 'webhook';
	event_id: number;
	attempts: Generated<number>;
	/** when the other side took it; null: it has not */
	sent_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	/** why the last attempt did not work */
	failure: ColumnType<string | null, string | null | undefined, string | null>;
	created_at: Timestamp;
}

export type UploadStatus =
	/** bytes are still arriving */
	| 'receiving'
	/** accepted; a job works on it or will */
	| 'pending'
	| 'processing'
	/** stuck for a reason the artist or operator can remove; the job goes on by itself afterwards */
	| 'waiting'
	| 'completed'
	/** refused for good, or retries exhausted: `error` says why */
	| 'failed';

/** The stages of publishing, in order; each is idempotent. */
export type UploadStage =
	'receiving' | 'received' | 'inspected' | 'transcoded' | 'stored' | 'published' | 'indexed';

/** What the artist said about the track, as sent with the upload. */
export interface UploadFields {
	title?: string;
	album?: string;
	description?: string;
	features?: string[];
	imageId?: string;
	/** normalised */
	tags?: string[];
	isExplicit?: boolean;
	isUnlisted?: boolean;
	/** where the file lay in the folder that was dropped: "album/cd 1/03 - title.flac" */
	path?: string;
	/** when the file was last changed, as the computer it is on says: tells it from a later export */
	modifiedMs?: number;
}

/** What was measured of one audio file; null where nothing could measure it. */
export interface AudioFacts {
	codec: string | null;
	sampleRateHz: number | null;
	channels: number | null;
	bitRateBps: number | null;
	durationMs: number | null;
	loudnessLufs: number | null;
	truePeakDbtp: number | null;
	/** 1,800 bytes in base64 */
	peaks: string | null;
}

/** What the inspection and the following stages found, needed by later stages of the same job. */
export interface UploadFindings {
	/** a key of FORMATS, detected by content */
	format?: string;
	/** true when the browser plays the upload as it is */
	streamable?: boolean;
	tags?: FileTags;
	/** the picture inside the file, kept */
	coverImageId?: string;
	original?: AudioFacts;
	/** the streamable file made of the upload, while it waits in staging */
	rendition?: { sha256: string; sizeBytes: number; facts: AudioFacts };
	originalFileId?: string;
	streamFileId?: string;
	/** of `fields.features`, those who were found, and the handles that were not */
	features?: Feature[];
	unknownFeatures?: string[];
	recordUri?: string;
	recordCid?: string;
	/** revision of the repository the record was written with; null when it was found there */
	recordRev?: string | null;
	/** the record is being written, or was: it may be there */
	isRecordBegun?: boolean;
	/** how often the process that worked on it died */
	interruptions?: number;
	/** the record as it is in the artist's repository */
	record?: Record<string, unknown>;
}

/** One upload of one file, from its first byte to the track; also the row an artist sees. */
export interface UploadTable {
	id: string;
	artist_did: string;
	/** record key (TID) chosen now, so that a retry can never make a second record */
	rkey: string;
	status: UploadStatus;
	/** the last stage that is finished */
	stage: UploadStage;
	/** what is going on, in plain words */
	message: string;
	/** stable, snake_case; set with `error` */
	error_code: string | null;
	error: string | null;
	/** 0..100 within the present stage, when it is known */
	progress_pct: number | null;
	file_name: string;
	fields: JSONColumnType<UploadFields>;
	findings: JSONColumnType<UploadFindings>;
	/** declared by the sender; null while unknown (multipart) */
	size_bytes: ColumnType<number | null, number | null | undefined, number | null>;
	received_bytes: BigCount;
	/** when the last of them arrived; before the first, when it was begun */
	last_byte_at: Timestamp;
	/** of the whole file, hex; null until the last byte is hashed */
	sha256: string | null;
	track_id: number | null;
	/** the release it is a part of; null: published by itself as soon as it has arrived */
	release_id: ColumnType<string | null, string | null | undefined, string | null>;
	/** 1-based */
	release_position: ColumnType<number | null, number | null | undefined, number | null>;
	/** new audio for a track that exists; null: a new track */
	replaces_track_id: ColumnType<number | null, number | null | undefined, number | null>;
	/** the upload whose place in the release it took, removed by then; null: it came by itself */
	in_place_of: ColumnType<string | null, string | null | undefined, never>;
	rights_confirmed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	/** given by the client so that a repeated request finds the first one's upload */
	idempotency_key: string | null;
	/** counts up with every change: the id of progress events */
	version: BigCount;
	/** when a worker last said it is at it */
	heartbeat_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	/** unfinished uploads are swept after this */
	expires_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	created_at: Timestamp;
	/** when its bytes began to arrive anew, after they were given up */
	begun_again_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	updated_at: Timestamp;
	completed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** A statement of rights about a file that was published again without being sent again. */
export interface RightsStatementTable {
	artist_did: string;
	/** of the file the artist gave us, hex */
	sha256: string;
	confirmed_at: Timestamp;
}

/** Which request is writing the bytes of an upload; it must be renewed or it ends by itself. */
export interface UploadLeaseTable {
	upload_id: string;
	artist_did: string;
	/** made for each request */
	holder: string;
	/** a newer request for the same upload waits: the holder lets go */
	wanted: ColumnType<boolean, boolean | undefined, boolean>;
	expires_at: ColumnType<Date, Date, Date>;
}

export interface SessionTable {
	/** sha256 of the session id, hex: the id itself is only in the person's cookie */
	id_hash: string;
	did: string;
	/** as it was at the sign-in; an artist's newer one is in artists */
	handle: string;
	/** where it was begun, in plain words; null: from before it was kept */
	device: ColumnType<string | null, string | null | undefined, string | null>;
	created_at: Timestamp;
	/** within an hour; null: not since it was begun */
	last_used_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	expires_at: Date;
}

/** What a program shows instead of a sign-in, made by its owner. */
export interface DeveloperTokenTable {
	/** the part of it by which its row is found */
	selector: string;
	/** sha256 of the rest, hex */
	secret_hash: string;
	did: string;
	/** as it was when it was made; an artist's newer one is in artists */
	handle: string;
	/** its owner's own, one of each */
	name: string;
	scope: TokenScope;
	created_at: Timestamp;
	expires_at: Date;
	/** within an hour; null: never */
	last_used_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** An account its owner wants deleted. It is hidden from the beginning, and gone at the end. */
export interface AccountDeletionTable {
	did: string;
	handle: string;
	/** also what is in the repository */
	with_records: boolean;
	requested_at: Timestamp;
	due_at: Date;
	/** from here on there is no way back */
	begun_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	/** why records are left in the repository; null: none are, or nobody has tried */
	waiting_code: ColumnType<string | null, string | null | undefined, string | null>;
	waiting_sentence: ColumnType<string | null, string | null | undefined, string | null>;
	records_deleted: Generated<number>;
	/** nothing is left here; records may be */
	finished_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** A one-time code a program exchanges for a session. */
export interface ExchangeTokenTable {
	token_hash: string;
	did: string;
	handle: string;
	/** no session may outlive the grant; null when the grant renews itself */
	session_expires_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
	created_at: Timestamp;
	expires_at: Date;
	used_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** The OAuth grant of one person: tokens and DPoP key, encrypted. */
export interface OauthSessionTable {
	did: string;
	ciphertext: Buffer;
	/** what was granted, so that a missing permission is seen without decrypting; null: from before it was kept */
	scope: ColumnType<string | null, string | null | undefined, string | null>;
	updated_at: Timestamp;
}

/** One sign-in under way, encrypted; deleted by its callback or swept. */
export interface OauthStateTable {
	state: string;
	ciphertext: Buffer;
	created_at: Timestamp;
}

/** Where somebody's playback is, on the device that reported last. */
export interface Playhead {
	item_id: string;
	track_id: number;
	position_ms: number;
	is_playing: boolean;
	device_id: string;
	/** shown to the person: "continue what plays on …" */
	device_name: string;
	/** milliseconds since 1970, by our clock */
	at: number;
}

/** What somebody listens to next. */
export interface QueueTable {
	/** anybody who signed in; an artist or not */
	did: string;
	state: JSONColumnType<QueueStateJson>;
	/** counts the writes */
	revision: BigCount;
	/** ids of the last writes, the newest first */
	recent_pushes: string[];
	/** apart from the state: it changes every few seconds, and nobody's edit depends on it */
	playhead: ColumnType<Playhead | null, string | null | undefined, string | null>;
	updated_at: Timestamp;
}

/** One counted play. Rows are added and never changed; they go with their track. */
export interface PlayTable {
	track_id: number;
	/** whoever listened, as a keyed hash (plays/listeners.ts): nobody is named */
	listener_key: Buffer;
	played_at: Date;
}

/** What the index keeps of a like record. */
interface LikeRecordColumns {
	/** whoever likes it; an artist or not */
	did: string;
	/** record key; with the did it is the record's address */
	rkey: string;
	record_uri: string;
	record_cid: string;
	/** revision of the repository the indexed version came with; null for one that was only read */
	record_rev: string | null;
	track_id: number;
	/** the track's record, and its version when it was liked */
	subject_uri: string;
	subject_cid: string;
}

/** One person's like of one track; `tracks.like_count` counts them. */
export interface LikeTable extends LikeRecordColumns {
	id: Generated<number>;
	/** never in the future: lists are sorted by it */
	created_at: Timestamp;
	indexed_at: Timestamp;
}

/** Further records of the same person for the same track, until the first of them is gone. */
export interface LikeDuplicateTable extends LikeRecordColumns {
	created_at: Date;
}

/** What a like's repository and the index have to agree about once somebody has begun to write it. */
export interface LikeWriteTable {
	did: string;
	/** the track's record */
	subject_uri: string;
	/**
	 * `follow`: the index says what the repository says of the record; `erase`: it goes everywhere, or
	 * with it every like of the track by this person
	 */
	aim: 'follow' | 'erase';
	/** null, of `erase` only: every one */
	rkey: string | null;
	started_at: Timestamp;
}

/** Somebody we show who need not be an artist, as the network describes them. */
export interface PersonTable {
	did: string;
	/** null until somebody has found out */
	handle: string | null;
	display_name: string | null;
	/** images.image_id, kept here */
	avatar_image_id: string | null;
	resolved_at: Date | null;
	/** from when on somebody may find out; null: it is known well enough */
	wanted_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** What somebody has chosen while they were signed in. */
export interface PreferencesTable extends PreferencesJson {
	did: string;
	created_at: Timestamp;
	updated_at: Timestamp;
}

export type SubjectKind = 'track' | 'account';

/** Something whoever runs the site has taken down, or had. */
export interface TakedownTable {
	id: Generated<number>;
	kind: SubjectKind;
	/** of a track the address of its record, else the did */
	subject: string;
	/** of the account it is about */
	did: string;
	/** `legal`: somebody's right, or a law; `rules`: those of the site */
	ground: 'legal' | 'rules';
	/** shown to everybody */
	reason: string;
	/** did, or `command line` */
	made_by: string;
	made_at: Timestamp;
	lifted_by: string | null;
	/** null: it is in force */
	lifted_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** Something people have reported; its reports are rows of their own. */
export interface ReportedSubjectTable {
	id: Generated<number>;
	kind: SubjectKind;
	/** as in takedowns */
	subject: string;
	did: string;
	state: ColumnType<
		'open' | 'dismissed' | 'hidden',
		'open' | undefined,
		'open' | 'dismissed' | 'hidden'
	>;
	/** one reporter counts once for each reason */
	report_count: Generated<number>;
	/** the last time */
	reported_at: Timestamp;
}

export interface ReportTable {
	id: Generated<number>;
	subject_id: number;
	/** a ReportReason */
	reason: string;
	details: string | null;
	/** where the reporter wants to be reached */
	contact: string | null;
	/** a keyed hash of their did or address */
	reporter_key: Buffer;
	reported_at: Timestamp;
}

/** What an artist says against a takedown. */
export interface CounterNoticeTable {
	id: Generated<number>;
	takedown_id: number;
	did: string;
	statement: string;
	contact: string | null;
	said_at: Timestamp;
	/** null: nobody has answered it yet */
	answered_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** Something whoever runs the site did: rows are added, and never changed. */
export interface OperatorActionTable {
	id: Generated<number>;
	/** did, or `command line` */
	who: string;
	/** snake_case */
	action: string;
	subject: string;
	why: string | null;
	done_at: Timestamp;
}

/**
 * Something that can be found: a public track, an album with one, an artist, or a tag of a public track.
 * Written by the database itself, whenever a transaction has changed what it is about.
 */
export interface SearchEntryTable {
	kind: 'track' | 'album' | 'artist' | 'tag';
	/** id, did or tag */
	ref: string;
	/** as search_fold makes names comparable */
	name: string;
	/** an artist's, folded too */
	handle: string | null;
	/** words and where they are from, see docs/search.md */
	words: string;
	/** plays, or the public tracks of a tag */
	uses: BigCount;
	/** grows by one whenever `uses` has doubled */
	popularity: Generated<number>;
	created_at: Timestamp;
	artist_did: string | null;
	album_id: string | null;
	tags: string[];
}

/** Written by the database itself, whenever a transaction has changed a track of the album. */
export interface AlbumLoudnessTable {
	album_id: string;
	/** of all its tracks together, the mean of their energy over time */
	loudness_lufs: number;
	/** the highest of them */
	true_peak_dbtp: number;
}

export interface Database {
	artists: ArtistTable;
	former_handles: FormerHandleTable;
	artist_numbers: ArtistNumbersTable;
	audio_files: AudioFileTable;
	smaller_files: SmallerFileTable;
	images: ImageTable;
	released_objects: ReleasedObjectTable;
	object_holds: ObjectHoldTable;
	albums: AlbumTable;
	album_loudness: AlbumLoudnessTable;
	album_slugs: AlbumSlugTable;
	album_items: AlbumItemTable;
	tracks: TrackTable;
	search_entries: SearchEntryTable;
	track_tags: TrackTagTable;
	track_revisions: TrackRevisionTable;
	track_problems: TrackProblemTable;
	catalogue_checks: CatalogueCheckTable;
	rate_windows: RateWindowTable;
	business_events: BusinessEventTable;
	deliveries: DeliveryTable;
	releases: ReleaseTable;
	record_tombstones: RecordTombstoneTable;
	uploads: UploadTable;
	upload_leases: UploadLeaseTable;
	queues: QueueTable;
	plays: PlayTable;
	likes: LikeTable;
	like_duplicates: LikeDuplicateTable;
	like_writes: LikeWriteTable;
	people: PersonTable;
	preferences: PreferencesTable;
	rights_statements: RightsStatementTable;
	takedowns: TakedownTable;
	reported_subjects: ReportedSubjectTable;
	reports: ReportTable;
	counter_notices: CounterNoticeTable;
	operator_actions: OperatorActionTable;
	sessions: SessionTable;
	developer_tokens: DeveloperTokenTable;
	account_deletions: AccountDeletionTable;
	exchange_tokens: ExchangeTokenTable;
	oauth_sessions: OauthSessionTable;
	oauth_states: OauthStateTable;
}
