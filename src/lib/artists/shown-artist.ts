/** An artist as lists show one. Nothing in it needs a remote call. */
export interface ShownArtist {
	did: string;
	handle: string;
	displayName: string;
	/** null: none was given */
	avatarUrl: string | null;
}
