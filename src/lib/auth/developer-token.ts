/** What a program may do with a token: read what is its owner's, or also change it. */
export type TokenScope = 'read' | 'write';

/** How long a token may live. */
export const TOKEN_DAYS = [30, 90, 365] as const;
export const DEFAULT_TOKEN_DAYS = 90;

export const MAX_TOKEN_NAME_LENGTH = 60;

/** A token as its owner sees it; itself it was shown once. */
export interface DeveloperToken {
	/** names it when it is revoked */
	id: string;
	name: string;
	scope: TokenScope;
	createdAt: string;
	expiresAt: string;
	isExpired: boolean;
	/** in plain words */
	lastUsed: string;
}
