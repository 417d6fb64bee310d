import type { PeriodPlays } from '#lib/plays/own-plays.ts';

const DAYS = 30;
const MONTHS = 12;

/** The stretches of time an artist sees, by UTC: today and this month are their last ones. */
export interface Periods {
	/** 2026-11-26, the oldest first */
	days: string[];
	/** 2026-11 */
	months: string[];
	/** the first moment of the oldest day, and of the oldest month */
	daysSince: Date;
	monthsSince: Date;
}

export function periodsUntil(now: Date): Periods {
	const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
	// days and months below zero are those of the month and year before
	const days = Array.from({ length: DAYS }, (_, n) =>
		new Date(Date.UTC(year, month, day - DAYS + 1 + n)).toISOString().slice(0, 10)
	);
	const months = Array.from({ length: MONTHS }, (_, n) =>
		new Date(Date.UTC(year, month - MONTHS + 1 + n)).toISOString().slice(0, 7)
	);
	return {
		days,
		months,
		daysSince: new Date(Date.UTC(year, month, day - DAYS + 1)),
		monthsSince: new Date(Date.UTC(year, month - MONTHS + 1))
	};
}

/** One entry for each period, also for those in which nothing was played. */
export function filled(periods: string[], found: readonly PeriodPlays[]): PeriodPlays[] {
	const plays = new Map(found.map((one) => [one.period, one.plays]));
	return periods.map((period) => ({ period, plays: plays.get(period) ?? 0 }));
}
