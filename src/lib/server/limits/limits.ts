import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { limitReached } from '#lib/server/errors.ts';
import { FirstFew } from './first-few.ts';
import { goOn } from './go-on.ts';
import { addToWindow, deleteOldWindows } from './queries.ts';
import { waitSeconds } from './sliding-window.ts';

/** How much of something somebody may do within the last `windowSeconds`, and the sentence that says so. */
interface Limit {
	most: number;
	/** an hour at most, see `LONGEST_WINDOW_SECONDS` */
	windowSeconds: number;
	sentence: string;
	/** so many are counted by each process alone, see FirstFew: only where a few more do no harm */
	few?: number;
}

const MINUTE = 60;

/** Far above what a person does: they stop programs that run wild. */
export const LIMITS = {
	/** each asks servers elsewhere */
	sign_in: {
		most: 60,
		windowSeconds: 10 * MINUTE,
		sentence: 'there were too many sign-ins from your network in the last ten minutes'
	},
	/** so that nobody makes us knock at one person's server all the time */
	sign_in_handle: {
		most: 30,
		windowSeconds: 10 * MINUTE,
		sentence: 'there were too many sign-ins with this handle in the last ten minutes'
	},
	/** each comes with a code that is exchanged elsewhere */
	sign_in_back: {
		most: 120,
		windowSeconds: 10 * MINUTE,
		sentence: 'too many sign-ins came back to your network in the last ten minutes'
	},
	exchange: {
		most: 60,
		windowSeconds: 10 * MINUTE,
		sentence: 'too many exchange tokens came from your network in the last ten minutes'
	},
	/** more than a fast typist's, who asks three times a second at most */
	search: {
		most: 180,
		few: 18,
		windowSeconds: MINUTE,
		sentence: 'you have searched 180 times in the last minute'
	},
	/** originals may be large; a program that fetches one in parts asks for each of them */
	downloads: {
		most: 120,
		windowSeconds: MINUTE,
		sentence: 'there were 120 downloads from you or your network in the last minute'
	},
	/** each may be many gigabytes */
	whole_exports: {
		most: 6,
		windowSeconds: 60 * MINUTE,
		sentence: 'you have asked for everything of yours six times in the last hour'
	},
	public_profile: {
		most: 60,
		windowSeconds: MINUTE,
		sentence: 'your profile was asked for 60 times in the last minute'
	},
	/** each is asked of a server that somebody names */
	fetched_pictures: {
		most: 30,
		windowSeconds: 10 * MINUTE,
		sentence: 'you have named 30 pictures elsewhere in the last ten minutes'
	},
	/** what a person can take with them is put together anew each time */
	exports: {
		most: 30,
		windowSeconds: MINUTE,
		sentence: 'you have asked for 30 exports in the last minute'
	},
	/** a stream costs for as long as it is open: tabs that come back at once are far below */
	streams: {
		most: 120,
		windowSeconds: MINUTE,
		sentence: 'you have opened 120 streams of news in the last minute'
	},
	/** one program asks for all the pages that people link to elsewhere */
	shared_pages: {
		most: 600,
		windowSeconds: MINUTE,
		sentence: 'your network has asked for 600 shared pages in the last minute'
	},
	/** the parts of resumable uploads: a broken line makes many of them */
	upload_parts: {
		most: 1200,
		windowSeconds: MINUTE,
		sentence: 'you have sent 1,200 parts of files in the last minute'
	},
	/** whatever came of them; `most` is the configuration's */
	uploads_begun: {
		most: 0,
		windowSeconds: 60 * MINUTE,
		sentence: 'too many of your uploads in the last hour came to nothing'
	},
	upload_bytes_begun: {
		most: 0,
		windowSeconds: 60 * MINUTE,
		sentence: 'too much of what you sent in the last hour came to nothing'
	},
	/** a household, an office and a school may share an address */
	plays: {
		most: 120,
		windowSeconds: MINUTE,
		sentence: 'there were 120 plays from you or your network in the last minute'
	},
	/** each page tells of a few; an office may look at the same broken one */
	client_errors: {
		most: 60,
		windowSeconds: MINUTE,
		sentence: 'your network has reported 60 errors in the last minute'
	},
	/** whoever keeps no cookie is told apart from nobody else at the address */
	unknown_listeners: {
		most: 1,
		windowSeconds: 30,
		sentence: 'somebody else at your address has just begun to listen'
	},
	/** browsers of which a play is counted for the first time: an office may begin on one morning */
	new_listeners: {
		most: 60,
		windowSeconds: 60 * MINUTE,
		sentence: 'many at your address have begun to listen in the last hour'
	},
	/** of people nobody knows: whoever runs the site reads each */
	reports: {
		most: 20,
		windowSeconds: 60 * MINUTE,
		sentence: 'there were 20 reports from you or your network in the last hour'
	},
	/** everything else that changes something */
	changes: {
		most: 300,
		windowSeconds: MINUTE,
		sentence: 'you have changed something 300 times in the last minute'
	}
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;

/** What is taken from a limit, and from whose part of it. */
export interface Taking {
	name: LimitName;
	/** a did, a client address, a handle */
	key: string;
	/** 1 by default; more than the limit itself counts as all of it */
	amount?: number;
	/** instead of the limit's own */
	most?: number;
}

/** What each process counts alone, by the limit: of the database it shares the rest with others in. */
const firstFews = new WeakMap<Db, Map<LimitName, FirstFew>>();

function firstFewOf(db: Db, name: LimitName): FirstFew | undefined {
	const { few, windowSeconds }: Limit = LIMITS[name];
	if (few === undefined) return undefined;
	const ofDatabase = firstFews.get(db) ?? new Map<LimitName, FirstFew>();
	firstFews.set(db, ofDatabase);
	const first = ofDatabase.get(name) ?? new FirstFew({ few, windowSeconds });
	ofDatabase.set(name, first);
	return first;
}

/**
 * Takes an amount from somebody's part of a limit, in one statement that holds for all processes.
 * @throws DomainError 429 `limit_reached`, with the seconds after which it would fit
 */
export async function takeFromLimit(
	{ db }: Pick<Context, 'db'>,
	{ name, key, amount = 1, most = LIMITS[name].most }: Taking
): Promise<void> {
	const limit = { ...LIMITS[name], most };
	const first = firstFewOf(db, name);
	const taken = Math.min(first ? first.take(key, amount) : amount, limit.most);
	if (taken === 0) return;
	const use = await addToWindow(db, { ...limit, key: `${name}:${key}`, amount: taken });
	if (use.isAdded) return;
	// somebody else may have taken the room at this very moment: never "in 0 seconds"
	const seconds = Math.max(1, Math.ceil(waitSeconds(use, limit, taken)));
	throw limitReached(`${limit.sentence}. ${goOn(seconds)}`, seconds);
}

/** Forgets what counts for nothing any more. @returns how many windows */
export const sweepLimits = ({ db }: Pick<Context, 'db'>): Promise<number> => deleteOldWindows(db);
