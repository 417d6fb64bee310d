const AUDIO_EXTENSIONS =
	/\.(?:mp3|m4a|mp4|m4b|aac|wav|wave|flac|ogg|oga|opus|aif|aiff|aifc|alac|caf)$/i;
const PICTURE_EXTENSIONS = /\.(?:jpe?g|png|webp|gif|avif|heic|heif)$/i;

/**
 * What the file chooser offers. It is an offer only: the server decides by content. Extensions
 * come first because browsers disagree about the types of these files.
 */
export const ACCEPTED_AUDIO =
	'.mp3,.m4a,.aac,.wav,.flac,.ogg,.oga,.opus,.aif,.aiff,audio/mpeg,audio/mp4,audio/aac,audio/wav,audio/flac,audio/ogg,audio/aiff';

/** The same in words, for the hint beside the field. */
export const AUDIO_IN_WORDS = 'mp3, m4a, wav, flac, ogg, opus, aiff or alac';

/** Worth sending: whether it is audio, the server finds out from its content. */
export const looksLikeAudio = ({ name, type }: File): boolean =>
	AUDIO_EXTENSIONS.test(name) || type.startsWith('audio/');

export const looksLikePicture = ({ name, type }: File): boolean =>
	!AUDIO_EXTENSIONS.test(name) && (PICTURE_EXTENSIONS.test(name) || type.startsWith('image/'));
