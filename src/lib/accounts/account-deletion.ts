/** Within these days an owner may keep their account. */
export const GRACE_DAYS = 7;

/** How far the deletion of somebody's account is, as they see it. */
export type AccountDeletion =
	/** it can be taken back until then */
	| { state: 'waiting'; dueAt: string; withRecords: boolean }
	/** it is being done */
	| { state: 'begun'; sentence: string | null }
	/** nothing is left here, but records in the repository are */
	| { state: 'records_left'; recordsDeleted: number; sentence: string };
