/** Of everything that is synthesised, in hertz. */
export const SAMPLE_RATE = 44_100;

/** How many samples a time takes. */
export const samplesIn = (seconds: number): number =>
	Math.max(1, Math.round(seconds * SAMPLE_RATE));
