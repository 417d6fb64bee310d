/**
 * What the file chooser offers. It is an offer only: the server decides by content. Extensions
 * come first because browsers disagree about the types of these files.
 */
export const ACCEPTED_AUDIO =
	'.mp3,.m4a,.aac,.wav,.flac,.ogg,.oga,.opus,.aif,.aiff,audio/mpeg,audio/mp4,audio/aac,audio/wav,audio/flac,audio/ogg,audio/aiff';

export const ACCEPTED_IMAGES = 'image/jpeg,image/png,image/webp,image/gif,image/avif';

/** The same in words, for the hint beside the field. */
export const AUDIO_IN_WORDS = 'mp3, m4a, wav, flac, ogg, opus, aiff or alac';
