import type { LeftAlone, ProblemDetail, ProblemKind } from '#lib/catalogue/catalogue.ts';

/** Something a check found, to be kept until it is repaired or the next check does not find it. */
export interface Finding {
	/** address of the record it is about */
	uri: string;
	kind: ProblemKind;
	detail: ProblemDetail;
	trackId?: number;
	albumId?: string;
}

/** What a check collects. */
export class Findings {
	readonly problems: Finding[] = [];
	readonly leftAlone: LeftAlone[] = [];
	leftAloneCount = 0;
	caughtUp = 0;
	/** records that were read once more */
	reread = 0;

	add(...found: Finding[]): void {
		this.problems.push(...found);
	}

	leaveAlone(record: LeftAlone): void {
		this.leftAloneCount++;
		if (this.leftAlone.length < MAX_NAMED) this.leftAlone.push(record);
	}
}

/** Of what is left alone, so many are named in the report. */
const MAX_NAMED = 100;
