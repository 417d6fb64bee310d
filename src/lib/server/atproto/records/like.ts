import { main as lexicon } from '#lib/server/atproto/lexicons/fm/plyr/like.ts';
import type { RecordSite } from './record-site.ts';
import { validateRecord } from './validate.ts';

/** One listener's like of one track. */
export interface LikeRecord {
	/** the track record as it was when it was liked */
	subject: { uri: string; cid: string };
	createdAt: Date;
}

/**
 * The record to write into the listener's repository.
 * @throws InvalidRecord
 */
export function encodeLike(site: RecordSite, like: LikeRecord): Record<string, unknown> {
	const record = {
		$type: site.likeCollection,
		subject: { uri: like.subject.uri, cid: like.subject.cid },
		createdAt: like.createdAt.toISOString()
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
