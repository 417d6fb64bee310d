/** Somebody a search for handles found. */
export interface FoundPerson {
	did: string;
	handle: string;
	display_name: string | null;
	avatar_url: string | null;
}
