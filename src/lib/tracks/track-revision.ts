/** Audio a track had before, as its artist sees it. */
export interface TrackRevision {
	id: number;
	/** of what was streamed: extension without the dot */
	fileType: string;
	/** of the file the artist gave us */
	sizeBytes: number;
	durationMs: number | null;
	/** ISO */
	replacedAt: string;
	/** its artist has stated that they may publish it; else restoring takes the statement */
	hasRights: boolean;
}
