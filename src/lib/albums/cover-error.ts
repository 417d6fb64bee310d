const SENTENCES: Record<string, string> = {
	missing_file: 'choose a picture first',
	unsupported_image: 'this is not a picture we can use. choose a jpeg, png or webp',
	broken_image: 'the picture could not be read. save it once more and try again',
	heic_unreadable: 'heic photos cannot be read here. save the picture as a jpeg and choose that',
	image_too_many_pixels: 'the picture has too many pixels (max 60 million). make it smaller',
	image_too_slow: 'the picture takes too long to read. save it as a plain jpeg and choose that',
	image_too_large: 'the picture is larger than 20 MB',
	upload_stalled: 'nothing arrived for a minute, so it was stopped. try again',
	upload_interrupted: 'the picture did not arrive whole. try again',
	record_refused: 'your personal data server refused the change. try again later',
	record_busy: 'this album is being changed by something else just now. try again in a moment',
	pds_unavailable: 'your personal data server does not answer. try again in a moment'
};

/** Why a cover sent by a form was not taken, from the code in the address; null: nothing. */
export function coverErrorSentence(code: string | null): string | null {
	if (code === null) return null;
	// what stands in an address can be anything, also the name of something every object has
	const known = Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : undefined;
	return known ?? 'the cover could not be changed. try again';
}
