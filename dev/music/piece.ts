/** One composition: the same samples every time, 16-bit stereo at 44.1 kHz, left and right in turn. */
export type Piece = { slug: string; compose(): Int16Array };
