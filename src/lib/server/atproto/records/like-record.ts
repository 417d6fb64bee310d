import { main as lexicon } from '#lib/server/atproto/lexicons/fm/plyr/like.ts';
import type { RecordSite } from './record-site.ts';
import { validateRecord } from './validate.ts';

/** What a like says. */
export interface LikeRecord {
	/** the track's record as it was when it was liked */
	subject: { uri: string; cid: string };
	createdAt: Date;
}

/**
 * The record to write into the listener's repository.
 * @throws InvalidRecord when it does not fit the lexicon
 */
export function encodeLike(
	site: RecordSite,
	{ subject, createdAt }: LikeRecord
): Record<string, unknown> {
	const record = {
		$type: site.likeCollection,
		subject: { uri: subject.uri, cid: subject.cid },
		createdAt: createdAt.toISOString()
	};
	validateRecord(lexicon, site.likeCollection, record);
	return record;
}

/**
 * Reads a record that came from a repository.
 * @throws InvalidRecord
 */
export function decodeLike(site: RecordSite, record: unknown): LikeRecord {
	const { subject, createdAt } = validateRecord(lexicon, site.likeCollection, record);
	return { subject: { uri: subject.uri, cid: subject.cid }, createdAt: new Date(createdAt) };
}
