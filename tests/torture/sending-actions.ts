import type { Artist } from './artist.ts';
import type { Model, ModelUpload } from './model.ts';
import { beginTus, type Sending, sendByForm, sendParts } from './sending.ts';
import type { Picture, Sound } from './sounds.ts';
import { type Action, newTitle, type Turn } from './turn.ts';

const ALBUMS = ['first', 'second'];
const KNOWN_KEPT = 30;

/** An album that is there by its name alone, until a track comes into it from another one. */
export const chooseAlbumName = ({ random }: Turn): string => random.pick(ALBUMS);

export function chooseSound({ random, sounds, known }: Turn): Sound {
	if (known.length > 0 && random.chance(0.35)) return random.pick(known);
	const sound = sounds.next(random);
	known.push(sound);
	if (known.length > KNOWN_KEPT) known.shift();
	return sound;
}

export const chooseSending = (turn: Turn): Sending => ({
	artist: turn.random.pick(turn.artists),
	sound: chooseSound(turn),
	title: newTitle('song'),
	album: turn.random.chance(0.3) ? chooseAlbumName(turn) : null,
	picture: turn.random.chance(0.4) ? turn.random.pick(turn.pictures) : null,
	replaces: null,
	place: null
});

export async function send(turn: Turn, sending: Sending): Promise<void> {
	const { model, random } = turn;
	if (random.chance(0.5)) {
		await sendByForm(model, sending);
		return;
	}
	// a resumable upload names a picture that is there
	if (sending.picture && !(await keepPicture(model, sending.artist, sending.picture))) return;
	const upload = await beginTus(model, sending);
	if (upload) await sendParts(model, upload, random);
}

/** Hands a picture over, so that it can be named. */
export async function keepPicture(
	model: Model,
	artist: Artist,
	picture: Picture
): Promise<boolean> {
	const said = await artist.insist({
		method: 'POST',
		path: '/api/images',
		headers: { 'content-type': 'image/png' },
		body: new Uint8Array(picture.bytes)
	});
	if (said?.answer.json['image_id'] === picture.imageId) return true;
	model.surprise('picture_refused', `${said?.answer.status} ${said?.answer.code}`);
	return false;
}

/** Sends a file that becomes a track by itself. */
export const upload: Action = (turn) => send(turn, chooseSending(turn));

/** Begins something and thinks better of it. */
export const sendAndDiscard: Action = async (turn) => {
	const { model, random } = turn;
	const upload = await beginTus(model, { ...chooseSending(turn), picture: null });
	if (!upload) return;
	await sendParts(model, upload, random, random.chance(0.3) ? Infinity : random.between(0, 3));
	await discard(model, upload);
};

/** Takes an upload back, unless it is too late for that. */
export async function discard(model: Model, upload: ModelUpload): Promise<void> {
	const before = upload.state;
	upload.state = 'maybe discarded';
	const path = `/api/tracks/uploads/${upload.id}`;
	const said = await upload.artist.insist({ method: 'DELETE', path });
	const status = said?.answer.status;
	if (status === 404 && !said?.isRepeated) model.noteGone(upload);
	if (status === 200 || status === 404) {
		upload.state = 'discarded';
		if (upload.attempt) upload.replaces?.audio.unknown(upload.attempt);
	} else if (status === 409) upload.state = before === 'sending' ? 'accepted' : before;
}
