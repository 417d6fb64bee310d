/** Where somebody's profile on the network is shown. */
export const networkProfileUrl = (didOrHandle: string) =>
	`https://bsky.app/profile/${encodeURIComponent(didOrHandle)}`;
