import type { TrackCondition } from './track-draft.svelte.ts';

interface Row {
	key: string;
	name: string;
	condition: TrackCondition;
	problem: string;
	duplicateOf: { title: string } | null;
	/** something typed about it has to wait until the server knows it */
	isUnsent: boolean;
}

export interface PublishSummary {
	/** how many tracks become public */
	count: number;
	leftOut: { key: string; name: string; why: string }[];
	/** what else is worth knowing before; sentences */
	notes: string[];
	/** something typed would be lost: it waits until the server knows every file */
	isTooEarly: boolean;
}

/** What the publish button does, said before it is pressed. */
export function summarise(
	rows: readonly Row[],
	missing: readonly { isTyped: boolean }[] = []
): PublishSummary {
	const leftOut = rows.flatMap(({ key, name, condition, problem, duplicateOf }) => {
		if (duplicateOf) return [{ key, name, why: `the same file as “${duplicateOf.title}”` }];
		return condition === 'broken' ? [{ key, name, why: problem }] : [];
	});
	const published = rows.filter(({ key }) => !leftOut.some((other) => other.key === key));
	const count = (...conditions: TrackCondition[]) =>
		published.filter(({ condition }) => conditions.includes(condition)).length;
	const isMissing = missing.some(({ isTyped }) => isTyped);
	const isTooEarly = isMissing || published.some(({ isUnsent }) => isUnsent);
	const notes: string[] = [];
	if (isMissing) {
		notes.push(
			'you typed something about a file that has not begun to arrive: choose it again, or leave it out'
		);
	}
	if (isTooEarly && !isMissing) {
		notes.push('what you typed waits for files that have not begun to arrive. a moment, please');
	} else if (!isTooEarly && count('sending', 'working') > 0) {
		notes.push(
			'not everything is ready yet. publish now and go anywhere: each track follows as soon as it is'
		);
	}
	const half = count('half');
	if (half > 0) {
		notes.push(
			half === 1
				? 'one file is not all here: it is published when you have chosen it again and the rest has arrived'
				: `${half} files are not all here: they are published when you have chosen them again`
		);
	}
	return { count: published.length, leftOut, notes, isTooEarly };
}
