/** Where an error came from: a script, a promise nobody waited for, a page, a recording. */
export const KINDS = ['script', 'promise', 'page', 'playback'] as const;

export const BROWSERS = ['firefox', 'safari', 'edge', 'chrome', 'other'] as const;

/** What a browser tells of an error: what it was and where in our own scripts, and nothing of whose. */
export interface ErrorReport {
	kind: (typeof KINDS)[number];
	/** class of the error, or why a recording does not play */
	name: string;
	/** without addresses, names and what was typed; may be empty */
	message: string;
	/** of our own scripts: `/_app/immutable/chunks/a.js:1:204`; may be empty */
	place: string;
	/** template of the page's address: `/(listen)/track/[id]`; may be empty */
	route: string;
	browser: (typeof BROWSERS)[number];
}
