/** A body that is on the disk. */
export interface Received {
	/** As the client named it, untrusted; null for a raw body. */
	fileName: string | null;
	sizeBytes: number;
}

export interface Receiving {
	/** Where the file goes; must not exist. */
	path: string;
	maxBytes: number;
	/** Aborted when there is nobody left to receive from. */
	signal: AbortSignal;
}
