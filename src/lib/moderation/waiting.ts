import type { Ground, ModeratedSubject } from './takedown.ts';

/** Something people have reported, for whoever runs the site. Times are iso 8601. */
export interface ReportedSubject extends ModeratedSubject {
	/** one reporter counts once for each reason */
	reportCount: number;
	reportedAt: string;
	/** the newest of them */
	reports: { reason: string; details: string | null; contact: string | null; reportedAt: string }[];
}

/** What an artist says against a takedown. */
export interface CounterNotice extends ModeratedSubject {
	takedownId: number;
	statement: string;
	contact: string | null;
	saidAt: string;
	ground: Ground;
	/** of the takedown */
	reason: string;
}

/** Something whoever runs the site did. */
export interface OperatorAction {
	id: number;
	who: string;
	action: string;
	subject: string;
	why: string | null;
	doneAt: string;
}
