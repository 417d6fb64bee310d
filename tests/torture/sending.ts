import { randomUUID } from 'node:crypto';
import type { Random } from '../../dev/music/random.ts';
import type { Answer, Artist } from './artist.ts';
import type { Model, ModelTrack, ModelUpload } from './model.ts';
import type { ModelRelease } from './model-release.ts';
import type { Picture, Sound } from './sounds.ts';

/** What an artist sends. */
export interface Sending {
	artist: Artist;
	sound: Sound;
	title: string;
	/** title; null: none */
	album: string | null;
	picture: Picture | null;
	replaces: ModelTrack | null;
	/** null: it is published by itself */
	place: Place | null;
}

/** Where a file comes in a release. */
interface Place {
	release: ModelRelease;
	/** 1-based */
	position: number;
}

const PART_BYTES = 40_000;

/** Nothing to be done about it: the file is there already, or the track is not any more. */
const REFUSALS = new Set(['duplicate_upload', 'same_audio', 'track_removed', 'track_not_found']);

/** Sends a file as one form, with one key however often it has to be repeated. */
export async function sendByForm(model: Model, sending: Sending): Promise<ModelUpload | null> {
	const { artist, sound, title, album, picture, replaces } = sending;
	model.countSending(artist, sound);
	const form = new FormData();
	form.set('title', title);
	form.set('rights_confirmed', 'true');
	if (album) form.set('album', album);
	if (replaces) form.set('replaces_track_id', String(replaces.id));
	if (picture) form.set('image', new Blob([new Uint8Array(picture.bytes)]), 'cover.png');
	form.set('file', new Blob([new Uint8Array(sound.bytes)]), sound.fileName);
	const attempt = replaces?.audio.begin(sound.sha256) ?? null;
	const said = await artist.insist(
		{
			method: 'POST',
			path: '/api/tracks/',
			headers: { 'idempotency-key': randomUUID() },
			body: form
		},
		({ code }) => code === 'upload_in_progress'
	);
	if (!said || said.answer.status !== 200) {
		if (attempt) replaces?.audio.unknown(attempt);
		noteRefusal(model, sending, said?.answer);
		return null;
	}
	const upload = model.addUpload({
		id: String(said.answer.json['upload_id']),
		artist,
		sound,
		title,
		imageId: picture?.imageId ?? null,
		album: replaces ? null : album,
		release: null,
		replaces,
		attempt
	});
	upload.state = 'accepted';
	return upload;
}

const metadataOf = (fields: Record<string, string>) =>
	Object.entries(fields)
		.map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
		.join(',');

const TUS = { 'tus-resumable': '1.0.0' };

/** Begins a resumable upload; sends nothing of it. */
export async function beginTus(model: Model, sending: Sending): Promise<ModelUpload | null> {
	const { artist, sound, title, album, picture, replaces, place } = sending;
	model.countSending(artist, sound);
	const said = await artist.insist({
		method: 'POST',
		path: '/api/uploads/tus',
		headers: {
			...TUS,
			'upload-length': String(sound.bytes.length),
			'upload-metadata': metadataOf({
				filename: sound.fileName,
				title,
				...(place ? metadataOfPlace(place, sound) : { rights_confirmed: 'true' }),
				...(album ? { album } : {}),
				...(picture ? { image_id: picture.imageId } : {}),
				...(replaces ? { replaces_track_id: String(replaces.id) } : {})
			})
		}
	});
	const id = said?.answer.headers.get('location')?.split('/').at(-1);
	if (said?.answer.status !== 201 || id === undefined) {
		noteRefusal(model, sending, said?.answer);
		return null;
	}
	const imageId = picture?.imageId ?? null;
	const attempt = replaces?.audio.begin(sound.sha256) ?? null;
	const release = place?.release ?? null;
	return model.addUpload({ id, artist, sound, title, imageId, album, release, replaces, attempt });
}

/** The rights are the release's; the names of its files tell their order. */
const metadataOfPlace = ({ release, position }: Place, { fileName }: Sound) => ({
	release_id: release.id,
	release_position: String(position),
	path: `${release.id}/${position} - ${fileName}`
});

/**
 * Sends what is missing of a resumable upload, a part at a time, asking where it stands whenever
 * something went wrong.
 * @param parts at most so many
 */
export async function sendParts(
	model: Model,
	upload: ModelUpload,
	random: Random,
	parts = Infinity
): Promise<void> {
	const { artist, sound } = upload;
	const path = `/api/uploads/tus/${upload.id}`;
	let offset: number | null = 0;
	for (let sent = 0; sent < parts; sent++) {
		offset ??= await askOffset(model, upload, path);
		if (offset === null) return;
		if (offset === sound.bytes.length) break;
		const length = Math.ceil(random.between(1, PART_BYTES));
		const answer = await artist.call({
			method: 'PATCH',
			path,
			headers: {
				...TUS,
				'content-type': 'application/offset+octet-stream',
				'upload-offset': String(offset)
			},
			body: new Uint8Array(sound.bytes.subarray(offset, offset + length))
		});
		offset = answer?.status === 204 ? Number(answer.headers.get('upload-offset')) : null;
	}
	if (offset === sound.bytes.length && upload.state === 'sending') upload.state = 'accepted';
}

async function askOffset(model: Model, upload: ModelUpload, path: string): Promise<number | null> {
	const said = await upload.artist.insist({ method: 'HEAD', path, headers: TUS });
	if (!said) return null;
	if (said.answer.status === 200) return Number(said.answer.headers.get('upload-offset'));
	if (said.answer.status === 404) {
		upload.state = 'gone';
		model.noteGone(upload);
		return null;
	}
	model.surprise('resumption_refused', `upload ${upload.id}: ${said.answer.status}`);
	return null;
}

/** A refusal must have a reason the artist knows. */
function noteRefusal(
	model: Model,
	{ artist, sound, replaces }: Sending,
	answer: Answer | undefined
): void {
	// patience was over: nobody knows
	if (!answer) return;
	const isKnown =
		REFUSALS.has(answer.code ?? '') &&
		(model.wasSentBefore(artist, sound) || replaces?.isThere.has(false));
	if (isKnown) return;
	const what = `${artist.name} sends ${sound.fileName}`;
	model.surprise('sending_refused', `${what}: ${answer.status} ${answer.code}`);
}
