/** On what something is taken down: somebody's right or a law, or the rules of the site. */
export const GROUNDS = [
	{ value: 'legal', label: 'for legal reasons' },
	{ value: 'rules', label: 'by the rules of this site' }
] as const;

export type Ground = (typeof GROUNDS)[number]['value'];

export const groundLabel = (ground: Ground): string =>
	GROUNDS.find(({ value }) => value === ground)?.label ?? ground;

export const LONGEST_REASON = 500;

/** Something that can be reported and taken down, as pages name it. */
export interface ModeratedSubject {
	kind: 'track' | 'account';
	/** of a track the address of its record, else the did */
	subject: string;
	did: string;
	/** what it is called */
	name: string;
	/** its page here; null: it is not here any more */
	path: string | null;
}

/** Something that was taken down. Times are iso 8601. */
export interface Takedown extends ModeratedSubject {
	id: number;
	ground: Ground;
	reason: string;
	madeBy: string;
	madeAt: string;
	liftedBy: string | null;
	/** null: it is in force */
	liftedAt: string | null;
}

/** What somebody has taken down of theirs, and what they said against it. */
export interface OwnTakedown extends Takedown {
	statement: string | null;
	contact: string | null;
}
