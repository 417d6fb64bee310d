import type { Queue } from 'pg-boss';

/** What an upload's job carries. Everything else is in its row. */
export interface UploadJob {
	uploadId: string;
}

/** One job per wish to go on with an upload; of one upload, one at a time is worked on. */
export const UPLOADS = 'uploads';
/** Where jobs land that were tried for more than a day. */
export const GIVEN_UP = 'uploads-given-up';

/** What a release's job carries. */
export interface ReleaseJob {
	releaseId: string;
}

/** Opens releases at their time. */
export const RELEASES = 'releases';

/** What a track's job carries: what is to be done about it. */
export interface TrackJob {
	trackId: number;
	/**
	 * `delete`: take it away everywhere; `sync`: make the index say what its record says;
	 * `name_album`: make its record call its album what that is called now
	 */
	task: 'delete' | 'sync' | 'name_album';
	/** what the album was called before */
	former?: string;
	/**
	 * the artist may have named another album in the edit that is to be entered: what the track's
	 * record said before, as far as it was indexed
	 */
	namedBefore?: string | null;
}

/** What is done about tracks that are published. */
export const TRACKS = 'tracks';
export const trackJobKey = ({ task, trackId }: TrackJob) => `${task}:${trackId}`;
/** What a catalogue's job carries: whatever is wanted about it is in the database. */
export interface CatalogueJob {
	did: string;
}

/** Checks and repairs catalogues; of one artist, one at a time. */
export const CATALOGUE = 'catalogue';

/** Compares what is stored with what is known. */
export const STRAY_OBJECTS = 'stray-objects';
export const STRAY_OBJECTS_CRON = '23 * * * *';

/** What a delivery's job carries. */
export interface DeliveryJob {
	deliveryId: string;
}

/** Tells the operator. */
export const DELIVERIES = 'deliveries';

/** What an album's job carries. */
export interface AlbumJob {
	albumId: string;
	/** whether or not somebody says that it agrees with its record */
	isAnyway?: boolean;
}

/** Makes albums and their records agree; of one album, one at a time. */
export const ALBUMS = 'albums';

/** What the job of a smaller file carries. */
export interface SmallerFileJob {
	/** the one that is streamed */
	fileId: string;
	/** since when it could be made: uploads come first for an hour */
	since: string;
}

/** Makes smaller files of what is streamed, everywhere one at a time: it is in no hurry. */
export const SMALLER_FILES = 'smaller-files';

/** What the job of a like carries: what is to come of it is in `like_writes`. */
export interface LikeJob {
	did: string;
	/** the track's record */
	subjectUri: string;
}

/** Makes a like's repository and the index agree, after a write that nobody has ended. */
export const LIKES = 'likes';
export const likeJobKey = ({ did, subjectUri }: LikeJob) => `${did} ${subjectUri}`;

/** What the job of a deletion carries: whatever is wanted is in `account_deletions`. */
export interface AccountDeletionJob {
	did: string;
}

/** Deletes accounts, when their time has come; of one, one at a time. */
export const ACCOUNT_DELETIONS = 'account-deletions';

/** Finds out who the people are that we show. */
export const PEOPLE = 'people';

/** What is done now and then: forgotten things are removed. */
export const SWEEPS = 'sweeps';
export const SWEEPS_CRON = '*/10 * * * *';

/** The first retry after about two seconds, later ones every five minutes, for more than a day. */
const RETRIES = { retryLimit: 300, retryDelay: 2, retryBackoff: true, retryDelayMax: 300 };

export const QUEUES: Queue[] = [
	{ name: GIVEN_UP, ...RETRIES, notify: true },
	{
		name: UPLOADS,
		// any number may wait: a wish to go on that comes while one is being worked on is not lost
		policy: 'singleton',
		...RETRIES,
		deadLetter: GIVEN_UP,
		// longest: analysing, converting and analysing again, each within the transcoder's time limit
		expireInSeconds: 4 * 60 * 60,
		// a second net below the locks of work-locks.ts, which notice a dead worker much sooner
		heartbeatSeconds: 60,
		deleteAfterSeconds: 24 * 60 * 60,
		notify: true
	},
	// one update, without a lock: a worker that died in it is noticed by the time alone
	{ name: RELEASES, ...RETRIES, expireInSeconds: 60, notify: true },
	// of one track and task one at a time; what is given up is found again by the watch
	{
		name: TRACKS,
		policy: 'singleton',
		...RETRIES,
		expireInSeconds: 10 * 60,
		heartbeatSeconds: 60,
		deleteAfterSeconds: 24 * 60 * 60,
		notify: true
	},
	{
		name: ALBUMS,
		// any number may wait, each for the transaction that asked for it: those without work end at once
		policy: 'singleton',
		...RETRIES,
		expireInSeconds: 10 * 60,
		heartbeatSeconds: 60,
		deleteAfterSeconds: 60 * 60,
		notify: true
	},
	{
		name: CATALOGUE,
		// any number may wait: those that find nothing wanted any more end at once
		policy: 'singleton',
		...RETRIES,
		expireInSeconds: 2 * 60 * 60,
		heartbeatSeconds: 60,
		deleteAfterSeconds: 60 * 60,
		notify: true
	},
	{
		name: SMALLER_FILES,
		// without keys there is one at a time in all
		policy: 'singleton',
		...RETRIES,
		// an hour of waiting, and the converting
		expireInSeconds: 2 * 60 * 60,
		heartbeatSeconds: 60,
		deleteAfterSeconds: 60 * 60,
		notify: true
	},
	{
		name: LIKES,
		// any number may wait: those that find nothing to do any more end at once
		policy: 'singleton',
		...RETRIES,
		expireInSeconds: 10 * 60,
		heartbeatSeconds: 60,
		deleteAfterSeconds: 60 * 60,
		notify: true
	},
	{
		name: ACCOUNT_DELETIONS,
		// any number may wait: those that find nothing to do any more end at once
		policy: 'singleton',
		...RETRIES,
		expireInSeconds: 2 * 60 * 60,
		heartbeatSeconds: 60,
		deleteAfterSeconds: 60 * 60,
		notify: true
	},
	// one takes all who wait; one more may be asked for meanwhile. it may find the lock taken, by who looks
	// for jobs of dead workers or by one that has just ended; whoever is still wanted then, the sweep finds
	{
		name: PEOPLE,
		policy: 'stately',
		retryLimit: 5,
		retryDelay: 2,
		retryBackoff: true,
		expireInSeconds: 10 * 60,
		notify: true
	},
	{ name: STRAY_OBJECTS, policy: 'stately', retryLimit: 0, expireInSeconds: 60 * 60 },
	{ name: DELIVERIES, ...RETRIES, expireInSeconds: 60, notify: true },
	{ name: SWEEPS, policy: 'stately', retryLimit: 0, expireInSeconds: 10 * 60 }
];
