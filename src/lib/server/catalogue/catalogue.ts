import type { Viewer } from '#lib/auth/viewer.ts';
import type {
	Attention,
	CatalogueState,
	Problem,
	ProblemKind,
	Subject
} from '#lib/catalogue/catalogue.ts';
import { albumPath } from '#lib/albums/album.ts';
import { overwrites, whatRepairDoes } from '#lib/catalogue/problem-words.ts';
import type { Context } from '#lib/server/context.ts';
import { conflict, invalid, notFound } from '#lib/server/errors.ts';
import { findCheck } from './check-queries.ts';
import {
	countProblems,
	findOpen,
	findProblem,
	findProblems,
	type ListedProblem,
	type ProblemRow,
	wantRepairs
} from './problem-queries.ts';
import { enqueue, requestCheck } from './request-check.ts';

/** So many records are listed; all of them are counted, and repaired by "repair all". */
const MAX_LISTED = 200;

/** How it stands with the viewer's catalogue. */
export async function getCatalogueState(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer
): Promise<CatalogueState> {
	const check = await findCheck(ctx.db, viewer.did);
	const { repairsLeft } = await countProblems(ctx.db, viewer.did);
	const startedAt = check?.started_at ?? null;
	const { requested_at: requestedAt = null, covers_at: coversAt = null } = check ?? {};
	const isWanted = requestedAt !== null && (coversAt === null || requestedAt >= coversAt);
	const done = check?.checked_at ? 'done' : 'never';
	return {
		check: startedAt ? 'running' : isWanted ? 'waiting' : done,
		progress:
			check && startedAt
				? { records: check.records_read, tracks: check.tracks_read, objects: check.objects_read }
				: null,
		trouble: check?.trouble ?? null,
		report: check?.report ?? null,
		repairsLeft,
		needsSignIn: repairsLeft > 0 && (check?.waiting_since ?? null) !== null
	};
}

/** What needs attention in the viewer's catalogue, by record. */
export async function listProblems(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer,
	maxListed = MAX_LISTED
): Promise<Attention> {
	const counts = await countProblems(ctx.db, viewer.did);
	const { subjects: count, repairable } = counts;
	const mustConfirm = counts.overwriting > 0;
	if (count === 0) return { subjects: [], count, repairable, mustConfirm };
	const subjects = new Map<string, Subject>();
	for (const row of await findProblems(ctx.db, viewer.did, maxListed)) {
		const title = row.track_title ?? row.album_title ?? row.detail.title ?? row.subject_uri;
		const subject = subjects.get(row.subject_uri) ?? {
			uri: row.subject_uri,
			title,
			trackId: row.track_id,
			albumPath: albumPathOf(row),
			problems: []
		};
		subject.problems.push(present(row));
		subjects.set(row.subject_uri, subject);
	}
	return { subjects: [...subjects.values()], count, repairable, mustConfirm };
}

function albumPathOf({ album_slug: slug, album_handle: handle }: ListedProblem) {
	return slug === null || handle === null ? null : albumPath({ slug, artist: { handle } });
}

const present = ({ id, kind, detail, repair, error, found_at: foundAt }: ProblemRow): Problem => ({
	id,
	kind,
	detail,
	repair,
	error,
	foundAt: foundAt.toISOString()
});

/** Has the viewer's catalogue checked. */
export const checkOwnCatalogue = (ctx: Pick<Context, 'db' | 'jobs'>, viewer: Viewer) =>
	requestCheck(ctx, viewer.did);

/** What an artist wants to be repaired, and how. */
export interface RepairWish {
	/** of two versions, the one that is to stay: the record's unless they say otherwise */
	choice?: 'record' | 'ours';
	/** that something is written over, they know */
	isConfirmed: boolean;
}

/**
 * Has one problem of the viewer's repaired by a job.
 * @throws DomainError 404 `problem_not_found`; 409 `send_the_file` when only the artist can help;
 *   400 `not_confirmed` when it would write over something
 */
export async function repairOwnProblem(
	ctx: Pick<Context, 'db' | 'jobs'>,
	viewer: Viewer,
	id: number,
	wish: RepairWish
): Promise<void> {
	const isId = Number.isSafeInteger(id) && id > 0;
	const problem = isId ? await findProblem(ctx.db, viewer.did, id) : undefined;
	if (!problem) {
		throw notFound('this is repaired already, or was not found again', 'problem_not_found');
	}
	if (!isRepairable(problem)) {
		throw conflict('send_the_file', 'there is no other copy of it here. send the file again');
	}
	if (overwrites(problem) && !wish.isConfirmed) throw notConfirmed();
	await want(ctx, viewer.did, [problem.id], wish.choice ?? null);
}

/**
 * Has everything repaired that can be: of two versions, the record's stays.
 * @returns how many repairs were asked for
 * @throws DomainError 400 `not_confirmed` when that would write over something
 */
export async function repairEverything(
	ctx: Pick<Context, 'db' | 'jobs'>,
	viewer: Viewer,
	{ isConfirmed }: Pick<RepairWish, 'isConfirmed'>
): Promise<number> {
	const repairable = (await findOpen(ctx.db, viewer.did)).filter(isRepairable);
	if (repairable.some(overwrites) && !isConfirmed) throw notConfirmed();
	const ids = repairable.map(({ id }) => id);
	await want(ctx, viewer.did, ids, null);
	return ids.length;
}

const isRepairable = (problem: { kind: ProblemKind; detail: ProblemRow['detail'] }) =>
	whatRepairDoes(problem) !== null;

async function want(
	ctx: Pick<Context, 'db' | 'jobs'>,
	did: string,
	ids: readonly number[],
	choice: 'record' | 'ours' | null
): Promise<void> {
	if (ids.length === 0) return;
	await ctx.db.transaction().execute(async (trx) => {
		await wantRepairs(trx, ids, choice);
		await enqueue(ctx, trx, did);
	});
}

const notConfirmed = () =>
	invalid(
		'not_confirmed',
		'this writes over one of two versions. say that you want that, then repair'
	);
