import type { Viewer } from '#lib/auth/viewer.ts';
import type { OwnPlays } from '#lib/plays/own-plays.ts';
import type { Context } from '#lib/server/context.ts';
import { ownTrack } from '#lib/server/tracks/own-track.ts';
import { trackId } from '#lib/server/tracks/tracks-api.ts';
import { csv } from './csv.ts';
import { playsByPeriod, playsByTrack, playsByTrackAndDay } from './own-queries.ts';
import { filled, periodsUntil } from './periods.ts';

type Reader = Pick<Context, 'db'>;

/** The others are in the csv. */
const TRACKS_SHOWN = 100;

/**
 * How often the viewer's tracks were played, day by day, month by month and track by track.
 * @param track the id of one of them as it stands in the address; null: all of them
 * @throws DomainError 403 `not_your_track`, 404, 410, 422
 */
export async function getOwnPlays(
	{ db }: Reader,
	viewer: Viewer,
	track: string | null,
	now = new Date()
): Promise<OwnPlays> {
	const about = await aboutTrack({ db }, viewer, track);
	const { days, months, daysSince, monthsSince } = periodsUntil(now);
	const of = { artistDid: viewer.did, trackId: about?.id ?? null };
	const [byDay, byMonth, byTrack] = await Promise.all([
		playsByPeriod('day', { ...of, since: daysSince }).execute(db),
		playsByPeriod('month', { ...of, since: monthsSince }).execute(db),
		playsByTrack(viewer.did, { daysSince, monthsSince }, TRACKS_SHOWN + 1).execute(db)
	]);
	return {
		track: about,
		days: filled(days, byDay.rows),
		months: filled(months, byMonth.rows),
		tracks: byTrack.rows.slice(0, TRACKS_SHOWN),
		hasMoreTracks: byTrack.rows.length > TRACKS_SHOWN
	};
}

/**
 * The last twelve months as CSV (RFC 4180), a line for each day on which a track was played.
 * @throws as `getOwnPlays`
 */
export async function getOwnPlaysCsv(
	{ db }: Reader,
	viewer: Viewer,
	track: string | null,
	now = new Date()
): Promise<string> {
	const about = await aboutTrack({ db }, viewer, track);
	const of = { artistDid: viewer.did, trackId: about?.id ?? null };
	const { monthsSince: since } = periodsUntil(now);
	const { rows } = await playsByTrackAndDay({ ...of, since }).execute(db);
	const lines = rows.map((row) => [row.day, row.track_id, row.title, row.plays]);
	return csv([['day', 'track_id', 'title', 'plays'], ...lines]);
}

async function aboutTrack(
	ctx: Reader,
	viewer: Viewer,
	track: string | null
): Promise<OwnPlays['track']> {
	if (track === null) return null;
	const { id, title } = await ownTrack(ctx, viewer, trackId(track), 'see the plays of');
	return { id, title };
}
