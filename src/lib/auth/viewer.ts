/** The signed-in person, as pages and use-cases see them. Never carries tokens. */
export interface Viewer {
	did: string;
	/** a label: refreshed at every sign-in, never a key */
	handle: string;
	/** null until the artist profile is made at the first sign-in */
	displayName: string | null;
	avatarUrl: string | null;
}
