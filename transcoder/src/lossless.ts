const LOSSLESS_CODECS = ['flac', 'alac', 'ape', 'tak', 'tta', 'wavpack', 'mlp', 'truehd'];

/** Whether ffmpeg's codec of this name gives back exactly the samples that went in. */
export function isLossless(codec: string): boolean {
	return codec.startsWith('pcm_') || LOSSLESS_CODECS.includes(codec);
}
