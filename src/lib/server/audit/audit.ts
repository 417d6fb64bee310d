import type { Context } from '#lib/server/context.ts';
import type { Finding } from '#lib/server/doctor/finding.ts';
import { auditObjects } from './audit-objects.ts';
import { auditRecords } from './audit-records.ts';
import { auditStrays } from './audit-strays.ts';

export type Auditor = Pick<Context, 'db' | 'storage' | 'config' | 'oauth'>;

/** What was looked at. */
export interface AuditCounts {
	objects: number;
	strays: number;
	repositories: number;
	/** those that could not be read */
	unread: number;
	records: number;
}

export interface AuditOptions {
	/** every byte is read, and not only the size */
	isDeep: boolean;
	/** the network is not asked */
	isLocal: boolean;
	signal: AbortSignal;
	onProgress: (says: string) => void;
	/** counted up on the way */
	counts: AuditCounts;
}

/**
 * Compares a site's index with what is stored and with the repositories it is an index of. Nothing is
 * changed. Memory does not grow with the site, but for the records of one person.
 */
export async function* audit(ctx: Auditor, options: AuditOptions): AsyncGenerator<Finding, void> {
	yield* auditObjects(ctx, options);
	yield* auditStrays(ctx, options);
	if (!options.isLocal) yield* auditRecords(ctx, options);
}
