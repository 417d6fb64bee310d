/** Why somebody reports something: as it is kept, and as they read it. */
export const REPORT_REASONS = [
	{ value: 'copyright', label: 'it uses somebody’s work without their permission' },
	{ value: 'impersonation', label: 'it pretends to be by somebody else' },
	{ value: 'illegal', label: 'it is against the law' },
	{ value: 'harassment', label: 'it attacks, threatens or exposes people' },
	{ value: 'not_labelled', label: 'it is explicit, and does not say so' },
	{ value: 'spam', label: 'it is spam, or no music at all' },
	{ value: 'other', label: 'something else' }
] as const;

export type ReportReason = (typeof REPORT_REASONS)[number]['value'];

/** What a reason says to people; one of an earlier version as it is. */
export const reasonLabel = (reason: string): string =>
	REPORT_REASONS.find(({ value }) => value === reason)?.label ?? reason;

export const LONGEST_DETAILS = 2000;
export const LONGEST_CONTACT = 200;
