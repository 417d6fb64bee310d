/** What tells one version of an object from another. */
export interface Validators {
	/** a strong entity tag with its quotes */
	etag: string;
	lastModified: Date;
}

/** What the conditions of a GET or HEAD come to. */
export type Verdict = 'send' | 'not-modified' | 'precondition-failed';

const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/**
 * Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of
 * RFC 9110 §13.2.2. Malformed dates count as absent.
 */
export function judgeConditions(headers: Headers, validators: Validators): Verdict {
	const ifMatch = headers.get('if-match');
	if (ifMatch !== null) {
		if (!listsTag(ifMatch, validators.etag, 'strong')) return 'precondition-failed';
	} else {
		const since = parseHttpDate(headers.get('if-unmodified-since'));
		if (since !== null && seconds(validators.lastModified) > since) return 'precondition-failed';
	}
	const ifNoneMatch = headers.get('if-none-match');
	if (ifNoneMatch !== null) {
		return listsTag(ifNoneMatch, validators.etag, 'weak') ? 'not-modified' : 'send';
	}
	const since = parseHttpDate(headers.get('if-modified-since'));
	if (since !== null && seconds(validators.lastModified) <= since) return 'not-modified';
	return 'send';
}

/**
 * True when a Range header applies: there is no If-Range, or it names exactly this version
 * (RFC 9110 §13.1.5). Our objects never change, so their date identifies them too.
 */
export function rangeApplies(headers: Headers, validators: Validators): boolean {
	const ifRange = headers.get('if-range')?.trim();
	if (ifRange === undefined) return true;
	if (ifRange.endsWith('"')) return ifRange === validators.etag;
	return parseHttpDate(ifRange) === seconds(validators.lastModified);
}

/** An HTTP date (RFC 9110 §5.6.7) in whole seconds since 1970. */
function parseHttpDate(value: string | null): number | null {
	const timeMs = value === null ? NaN : Date.parse(value);
	return Number.isNaN(timeMs) ? null : Math.floor(timeMs / 1000);
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** `strong`: a weak tag equals nothing. `weak`: the mark of weakness is overlooked (§8.8.3.2). */
function listsTag(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
	if (list.trim() === '*') return true;
	const tags = list.match(ENTITY_TAG) ?? [];
	return tags.some((tag) => tag === etag || (comparison === 'weak' && tag === `W/${etag}`));
}

/** For what has a tag, and no time of its last change that could be relied on. */
export function judgeTag(headers: Headers, etag: string): 'send' | 'not-modified' {
	const ifNoneMatch = headers.get('if-none-match');
	if (ifNoneMatch === null) return 'send';
	const onlyTag = new Headers({ 'if-none-match': ifNoneMatch });
	const verdict = judgeConditions(onlyTag, { etag, lastModified: new Date(0) });
	return verdict === 'not-modified' ? verdict : 'send';
}
