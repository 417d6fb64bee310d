import { AUDIO_IN_WORDS } from './accepted-audio.ts';
import { RIGHTS_NOT_CONFIRMED } from './rights.ts';

const SENTENCES: Record<string, string> = {
	missing_file: 'there was no audio file in the form. choose one and send it again',
	missing_filename: 'there was no audio file in the form. choose one and send it again',
	empty_file: 'this file is empty. choose the file once more, or export it again',
	unsupported_audio: `this is not audio we can publish. supported: ${AUDIO_IN_WORDS}`,
	file_too_large: 'this file is larger than this site takes',
	duplicate_upload: 'you have published this very file before: it is in the list of your tracks',
	invalid_field: 'the title, album or description is too long, or cannot be kept as it is',
	rights_not_confirmed: RIGHTS_NOT_CONFIRMED,
	unsupported_image: 'the artwork is not a picture we can use. choose a jpeg, png or webp',
	broken_image: 'the artwork could not be read. save it once more and try again',
	heic_unreadable: 'heic photos cannot be read here. save the artwork as a jpeg and send that',
	image_too_many_pixels: 'the artwork has too many pixels (max 60 million). make it smaller',
	image_too_slow: 'the artwork takes too long to read. save it as a plain jpeg and send that',
	image_too_large: 'the artwork is larger than 20 MB',
	storage_full:
		'there is no room left for this file. delete tracks or earlier versions you do not need',
	upload_stalled: 'nothing arrived for a minute, so the upload was stopped. try again',
	too_many_requests: 'there are too many uploads under way. finish some of them first'
};

/** What a form sent without JavaScript was refused for, from the code in the address; null: nothing. */
export function uploadErrorSentence(code: string | null): string | null {
	if (code === null) return null;
	// what stands in an address can be anything, also the name of something every object has
	const known = Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : undefined;
	return known ?? 'the upload did not work. try again';
}
