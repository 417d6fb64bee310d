import { listRecords, readRecord } from '#lib/server/atproto/read-repo.ts';
import { inOrder } from '#lib/server/backup/in-order.ts';
import { sayCount } from '#lib/server/backup/progress.ts';
import { type Finding, fault, note, reasonOf } from '#lib/server/doctor/finding.ts';
import { DomainError } from '#lib/server/errors.ts';
import type { Auditor, AuditOptions } from './audit.ts';
import { allWriters, type IndexedRecord, indexedRecords, type RecordKind } from './queries.ts';

/** Repositories that are read at the same time. */
const READ_AT_ONCE = 4;
/** What seems to be wrong is read once more, up to so many of a collection. */
const MAX_REREAD = 200;
const KINDS: RecordKind[] = ['track', 'list', 'like'];

interface Writer {
	did: string;
	name: string;
}

/** Whether every row has its record, and every record its row, in the repositories themselves. */
export async function* auditRecords(
	ctx: Auditor,
	options: AuditOptions
): AsyncGenerator<Finding, void> {
	let read = 0;
	const all = inOrder(allWriters(ctx.db), READ_AT_ONCE, (writer) =>
		auditRepository(ctx, writer, options)
	);
	for await (const findings of all) {
		options.onProgress(`records: ${++read} repositories read`);
		yield* findings;
	}
}

async function auditRepository(
	ctx: Auditor,
	writer: Writer,
	options: AuditOptions
): Promise<Finding[]> {
	options.signal.throwIfAborted();
	options.counts.repositories++;
	const findings: Finding[] = [];
	try {
		for (const kind of KINDS) findings.push(...(await auditCollection(ctx, writer, kind, options)));
	} catch (cause) {
		options.signal.throwIfAborted();
		if (!(cause instanceof DomainError)) throw cause;
		options.counts.unread++;
		findings.push(
			note(
				'records',
				`the repository of ${writer.name} could not be read: ${reasonOf(cause)}`,
				'run it again later: their server is away, or shows this account to nobody'
			)
		);
	}
	return findings;
}

async function auditCollection(
	ctx: Auditor,
	{ did, name }: Writer,
	kind: RecordKind,
	{ signal, counts }: AuditOptions
): Promise<Finding[]> {
	const rows = new Map<string, IndexedRecord>();
	for (const row of await indexedRecords(ctx.db, did, kind)) rows.set(row.rkey, row);
	const collection = `${ctx.config.atproto.namespace}.${kind}`;
	const withoutRow: string[] = [];
	const other: IndexedRecord[] = [];
	for await (const page of listRecords(ctx, { did, collection }, signal)) {
		for (const { rkey, cid } of page) {
			counts.records++;
			const row = rows.get(rkey);
			rows.delete(rkey);
			if (!row) withoutRow.push(rkey);
			else if (row.cid !== cid) other.push(row);
		}
	}
	const current = (rkey: string) => readRecord(ctx, { did, collection, rkey }, signal);
	const indexed = async (rkey: string) => (await indexedRecords(ctx.db, did, kind, rkey))[0];
	const findings: Finding[] = [];
	// whatever is written in this moment is there, or gone, when both are looked at once more
	for (const { rkey, what } of [...rows.values()].slice(0, MAX_REREAD)) {
		if ((await current(rkey)) !== null || !(await indexed(rkey))) continue;
		const cure = kind === 'like' ? TAKEN_BACK : LOST;
		findings.push(fault('records', `${what} of ${name} has no record in their repository`, cure));
	}
	for (const { rkey, what } of other.slice(0, MAX_REREAD)) {
		const [record, row] = [await current(rkey), await indexed(rkey)];
		if (!record || !row || record.cid === row.cid) continue;
		const says = `the record of ${what} of ${name} is another one than the index has`;
		findings.push(note('records', says, BY_CHECK));
	}
	let left = 0;
	for (const rkey of withoutRow.slice(0, MAX_REREAD)) {
		if ((await current(rkey)) !== null && !(await indexed(rkey))) left++;
	}
	if (left > 0) {
		const says = `${sayCount(left, 'record')} in ${collection} of ${name} ${left === 1 ? 'is' : 'are'} not on this site`;
		findings.push(note('records', says, BY_CHECK));
	}
	return findings;
}

const LOST =
	'its artist finds it among what needs attention (/portal), and writes it again or takes it away';
const TAKEN_BACK =
	'they took it back elsewhere, or the site was restored: it goes when they press the heart again';
const BY_CHECK =
	'the check of their catalogue says why and takes it in where it can: once a day, or when they ask for it on /portal';
