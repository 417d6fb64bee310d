import type { Viewer } from '#lib/auth/viewer.ts';
import type { CatalogueReport, CatalogueState, Problem } from '#lib/catalogue/catalogue.ts';
import { whatIsWrong, whatRepairDoes } from '#lib/catalogue/problem-words.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import { withOwnLikes } from '#lib/server/likes/own-likes.ts';
import { listOwnTracksById } from '#lib/server/tracks/own-tracks-by-id.ts';
import { ownTrack } from '#lib/server/tracks/own-track.ts';
import { type TrackResponse, trackResponse } from '#lib/server/tracks/track-response.ts';
import { ownTrackResponse, trackId } from '#lib/server/tracks/tracks-api.ts';
import { keptTrackRow } from '#lib/server/tracks/tracks.ts';
import { checkOwnCatalogue, getCatalogueState, listProblems } from './catalogue.ts';
import { restoreRecord } from './restore-record.ts';

/** One thing that needs attention, as the API answers it. */
export interface ProblemResponse {
	id: number;
	/** stable, snake_case */
	kind: Problem['kind'];
	message: string;
	/** what a repair would do; null: only the artist can do something */
	repair: string | null;
	/** the repair is under way, or could not be done */
	status: 'open' | 'wanted' | 'failed';
	error: string | null;
	found_at: string;
}

const problemResponse = (problem: Problem): ProblemResponse => ({
	id: problem.id,
	kind: problem.kind,
	message: whatIsWrong(problem),
	repair: whatRepairDoes(problem),
	status: problem.repair ?? 'open',
	error: problem.error,
	found_at: problem.foundAt
});

/** `GET /api/tracks/me/broken`: one's own tracks that need attention, as the last check found them. */
export async function answerBroken(
	ctx: Pick<Context, 'db' | 'config'>,
	viewer: Viewer
): Promise<{ tracks: (TrackResponse & { problems: ProblemResponse[] })[]; count: number }> {
	const { subjects } = await listProblems(ctx, viewer);
	const listed = new Map(subjects.flatMap((one) => (one.trackId ? [[one.trackId, one]] : [])));
	const rows = await listOwnTracksById(ctx, viewer, [...listed.keys()]);
	const tracks = rows.map((row) => ({
		...trackResponse(recordSite(ctx.config), row),
		problems: (listed.get(row.id)?.problems ?? []).map(problemResponse)
	}));
	const shown = await withOwnLikes(ctx, viewer, tracks);
	return { tracks: shown, count: shown.length };
}

/** What `POST /api/tracks/{id}/restore-record` answers. */
export interface RestoredResponse {
	success: true;
	track: TrackResponse;
	restored_uri: string;
}

/**
 * `POST /api/tracks/{id}/restore-record`: the record of a track of one's own is there and the index
 * says what it says. One that is there is taken as it is; one that is missing is written again.
 * @throws DomainError 404, 410, 403 `not_your_track`; and as `restoreRecord`
 */
export async function answerRestoreRecord(
	ctx: Context,
	viewer: Viewer,
	id: string
): Promise<RestoredResponse> {
	const track = await ownTrack(ctx, viewer, trackId(id), 'edit');
	await restoreRecord(ctx, track);
	const row = await keptTrackRow(ctx, track.id);
	const answer = await ownTrackResponse(ctx, viewer, row);
	return { success: true, track: answer, restored_uri: row.record_uri };
}

/** How it stands with a catalogue, as the API answers it. */
export interface CatalogueResponse {
	check: CatalogueState['check'];
	progress: CatalogueState['progress'];
	trouble: string | null;
	report: CatalogueReport | null;
	repairs_left: number;
	needs_sign_in: boolean;
	problems: (ProblemResponse & { uri: string; title: string; track_id: number | null })[];
}

/** `GET /api/catalogue`. */
export async function answerCatalogue(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer
): Promise<CatalogueResponse> {
	const state = await getCatalogueState(ctx, viewer);
	const { subjects } = await listProblems(ctx, viewer);
	return {
		check: state.check,
		progress: state.progress,
		trouble: state.trouble,
		report: state.report,
		repairs_left: state.repairsLeft,
		needs_sign_in: state.needsSignIn,
		problems: subjects.flatMap(({ uri, title, trackId: id, problems }) =>
			problems.map((one) => ({ ...problemResponse(one), uri, title, track_id: id }))
		)
	};
}

/** `POST /api/catalogue/check`: asks for a check, which a job does. */
export async function answerCheck(
	ctx: Pick<Context, 'db' | 'jobs'>,
	viewer: Viewer
): Promise<CatalogueResponse> {
	await checkOwnCatalogue(ctx, viewer);
	return await answerCatalogue(ctx, viewer);
}
