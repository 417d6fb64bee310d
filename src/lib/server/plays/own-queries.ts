import { type RawBuilder, sql } from 'kysely';
import type { PeriodPlays, TrackPlays } from '#lib/plays/own-plays.ts';

/** Whose plays, and of which of their tracks. */
export interface PlaysOf {
	artistDid: string;
	/** null: of all of them */
	trackId: number | null;
	since: Date;
}

/** Plays of one track on one day. */
export interface TrackDay {
	day: string;
	track_id: number;
	title: string;
	plays: number;
}

const PATTERNS = { day: 'YYYY-MM-DD', month: 'YYYY-MM' };

// the queries themselves, so that a test can ask the database how they would be carried out

/** How often they were played in each day or month in which they were, by UTC. */
export const playsByPeriod = (unit: keyof typeof PATTERNS, of: PlaysOf): RawBuilder<PeriodPlays> =>
	sql`
		select to_char(played_at at time zone 'UTC', ${sql.lit(PATTERNS[unit])}) as period, count(*) as plays
		from tracks join plays on plays.track_id = tracks.id
		where ${ownTracks(of)} and plays.played_at >= ${of.since}
		group by 1 order by 1`;

/** The tracks with how often each was played since two moments, the most played first. */
export const playsByTrack = (
	artistDid: string,
	{ daysSince, monthsSince }: { daysSince: Date; monthsSince: Date },
	limit: number
): RawBuilder<TrackPlays> =>
	sql`
		select tracks.id, tracks.title, tracks.play_count as total,
			counted.days as "last30Days", counted.months as "last12Months"
		from tracks cross join lateral (
			select count(*) filter (where played_at >= ${daysSince}) as days, count(*) as months
			from plays where track_id = tracks.id and played_at >= ${monthsSince}
		) counted
		where ${ownTracks({ artistDid, trackId: null })}
		order by counted.days desc, counted.months desc, total desc, tracks.id desc
		limit ${limit}`;

/** Every day on which a track was played, with how often, by UTC. */
export const playsByTrackAndDay = (of: PlaysOf): RawBuilder<TrackDay> =>
	sql`
		select to_char(played_at at time zone 'UTC', 'YYYY-MM-DD') as day,
			tracks.id as track_id, tracks.title, count(*) as plays
		from tracks join plays on plays.track_id = tracks.id
		where ${ownTracks(of)} and plays.played_at >= ${of.since}
		group by 1, tracks.id order by 1, tracks.id`;

const ownTracks = ({ artistDid, trackId }: Omit<PlaysOf, 'since'>) => sql<boolean>`
	tracks.artist_did = ${artistDid} and tracks.visibility <> 'deleting'
	${trackId === null ? sql`` : sql`and tracks.id = ${trackId}`}`;
