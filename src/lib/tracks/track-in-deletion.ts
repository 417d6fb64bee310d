/** A track its artist has deleted: hidden already, and not gone everywhere yet. */
export interface TrackInDeletion {
	id: number;
	title: string;
	/** we cannot act for its artist before they sign in again */
	needsSignIn: boolean;
}
