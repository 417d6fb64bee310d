/** This file, or this browser, is not one for the gapless path: the plain one takes over. */
export class NotGapless extends Error {
	override name = 'NotGapless';
}

/** Some of a recording, as a SourceBuffer takes it. */
export interface Piece {
	bytes: Uint8Array<ArrayBuffer>;
	/**
	 * on the first one behind a jump: what is added to the timestamps in its bytes, in seconds since
	 * the first sample that is to be heard
	 */
	offsetSeconds?: number;
	/** on the last one: where what is to be heard ends */
	endSeconds?: number;
}

/** How its bytes are asked for. */
export interface Reading {
	signal: AbortSignal;
	/** resolves when there is room for more */
	room: () => Promise<void>;
	/** resolves when the line may be tried again after it failed; false: give up */
	patience: () => Promise<boolean>;
}

/** A recording that can be joined to another one without a gap. */
export interface GaplessSource {
	/** for `MediaSource.isTypeSupported` and `changeType` */
	mimeType: string;
	/** of what is to be heard; an estimate where the file does not say it */
	durationSeconds: number;
	/** goes before any of its pieces */
	initSegment: Uint8Array<ArrayBuffer> | null;
	/** What is to be heard from a position on, to its end. */
	piecesFrom(seconds: number, reading: Reading): AsyncGenerator<Piece, void, undefined>;
}
