/** How often something was played in a day or month, by UTC. */
export interface PeriodPlays {
	/** 2026-11-26, or 2026-11 */
	period: string;
	plays: number;
}

/** How often one track was played. */
export interface TrackPlays {
	id: number;
	title: string;
	last30Days: number;
	last12Months: number;
	/** ever since it was published */
	total: number;
}

/** What an artist sees of the plays of their tracks. */
export interface OwnPlays {
	/** the one it is about; null: all of them */
	track: { id: number; title: string } | null;
	/** 30, the last is today */
	days: PeriodPlays[];
	/** 12, the last is the present one */
	months: PeriodPlays[];
	/** the most played first; not all when there are very many */
	tracks: TrackPlays[];
	hasMoreTracks: boolean;
}

const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const MONTH = new Intl.DateTimeFormat('en', { month: 'short', year: 'numeric', timeZone: 'UTC' });

/** A day or month as people read it: "nov 26", "nov 2026". */
export function periodInWords(period: string): string {
	const words = period.length === 7 ? MONTH : DAY;
	return words.format(new Date(period)).toLowerCase();
}
