import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../dev/music/random.ts';
import type { Artist } from './artist.ts';
import type { Model, ModelTrack, ModelUpload } from './model.ts';
import type { Attempt, Possible } from './possible.ts';
import { beginTus, type Sending, sendByForm, sendParts } from './sending.ts';
import type { Picture, Sound, Sounds } from './sounds.ts';

/** What operations choose from. */
export interface Studio {
	model: Model;
	artists: readonly Artist[];
	sounds: Sounds;
	pictures: readonly Picture[];
	/** files somebody has sent: to be sent again, by the same artist and by others */
	known: Sound[];
}

interface Turn extends Studio {
	random: Random;
}

type Operation = (turn: Turn) => Promise<void>;

const WORDS = ['ambient', 'techno', 'field', 'live', 'demo'];
const ALBUMS = ['first', 'second'];
const KNOWN_KEPT = 30;

let count = 0;
const newTitle = () => `song ${(count += 1)}`;

function chooseSound({ random, sounds, known }: Turn): Sound {
	if (known.length > 0 && random.chance(0.35)) return random.pick(known);
	const sound = sounds.next(random);
	known.push(sound);
	if (known.length > KNOWN_KEPT) known.shift();
	return sound;
}

const chooseSending = (turn: Turn): Sending => ({
	artist: turn.random.pick(turn.artists),
	sound: chooseSound(turn),
	title: newTitle(),
	album: turn.random.chance(0.3) ? turn.random.pick(ALBUMS) : null,
	picture: turn.random.chance(0.4) ? turn.random.pick(turn.pictures) : null,
	replaces: null
});

async function send(turn: Turn, sending: Sending): Promise<void> {
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

async function keepPicture(model: Model, artist: Artist, picture: Picture): Promise<boolean> {
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

/** A track nobody is at; now and then one that somebody is at, and one that is deleted already. */
function chooseTrack({ model, random }: Turn): ModelTrack | null {
	const isAny = random.chance(0.1);
	const tracks = [...model.tracks.values()].filter(
		(track) => isAny || (!track.isBusy && track.isThere.is(true))
	);
	return tracks.length > 0 ? random.pick(tracks) : null;
}

async function withTrack(turn: Turn, act: (track: ModelTrack) => Promise<void>): Promise<void> {
	const track = chooseTrack(turn);
	if (!track) return;
	track.isBusy = true;
	await act(track).finally(() => (track.isBusy = false));
}

/** Settles what was asked for by what was answered. @returns whether it was done */
function settle<T>(
	possible: Possible<T>,
	attempt: Attempt<T>,
	said: Awaited<ReturnType<Artist['insist']>>
): boolean {
	const isDone = said?.answer.status === 200;
	if (isDone) possible.done(attempt);
	else if (said && !said.isRepeated) possible.refused(attempt);
	else possible.unknown(attempt);
	return isDone;
}

const GONE = new Set(['track_removed', 'track_not_found', 'record_missing']);

function noteRefusal(
	{ model }: Turn,
	track: ModelTrack,
	what: string,
	said: Awaited<ReturnType<Artist['insist']>>,
	also: string[] = []
): void {
	// patience was over: nobody knows
	if (!said) return;
	const code = said.answer.code ?? '';
	if (also.includes(code) || (GONE.has(code) && track.isThere.has(false))) return;
	model.surprise('refused', `${what} of track ${track.id}: ${said.answer.status} ${code}`);
}

const patch = (track: ModelTrack, change: Record<string, unknown>) =>
	track.artist.insist({
		method: 'PATCH',
		path: `/api/tracks/${track.id}`,
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(change)
	});

const editWords: Operation = (turn) =>
	withTrack(turn, async (track) => {
		const { random } = turn;
		const tags = WORDS.filter(() => random.chance(0.4));
		const title = track.title.begin(newTitle());
		const words = track.tags.begin(tags.toSorted().join(','));
		const album = random.chance(0.2) ? { album: random.pick(['', ...ALBUMS]) } : {};
		const said = await patch(track, { title: title.value, tags, ...album });
		settle(track.tags, words, said);
		if (!settle(track.title, title, said)) noteRefusal(turn, track, 'edit', said);
	});

const editPicture: Operation = (turn) =>
	withTrack(turn, async (track) => {
		const { model, random, pictures } = turn;
		const picture = random.chance(0.8) ? random.pick(pictures) : null;
		if (picture && !(await keepPicture(model, track.artist, picture))) return;
		const attempt = track.imageId.begin(picture?.imageId ?? null);
		const said = await patch(track, { image_id: attempt.value });
		if (!settle(track.imageId, attempt, said)) noteRefusal(turn, track, 'picture', said);
	});

const replaceAudio: Operation = (turn) =>
	withTrack(turn, async (track) => {
		await send(turn, {
			artist: track.artist,
			sound: chooseSound(turn),
			title: '',
			album: null,
			picture: null,
			replaces: track
		});
	});

const restoreAudio: Operation = (turn) =>
	withTrack(turn, async (track) => {
		const { artist } = track;
		const path = `/api/tracks/${track.id}/revisions`;
		const listed = await artist.insist({ method: 'GET', path });
		const revisions = (listed?.answer.json['revisions'] ?? []) as { id: number }[];
		if (revisions.length === 0) return;
		const { id } = turn.random.pick(revisions);
		// which file it is, the answer does not say: any that the track has had
		const attempts = [...track.heard.keys()].map((sha256) => track.audio.begin(sha256));
		const said = await artist.insist({ method: 'POST', path: `${path}/${id}/restore` });
		for (const attempt of attempts) track.audio.unknown(attempt);
		const isFine = said?.answer.status === 200;
		const also = ['revision_not_found', 'duplicate_upload'];
		if (!isFine) noteRefusal(turn, track, 'restore', said, also);
	});

async function deleteOne(turn: Turn, track: ModelTrack): Promise<boolean> {
	const attempt = track.isThere.begin(false);
	const said = await track.artist.insist({ method: 'DELETE', path: `/api/tracks/${track.id}` });
	const status = said?.answer.status ?? 0;
	const isGone = status === 200 || status === 410;
	if (isGone) track.isThere.done(attempt);
	else track.isThere.unknown(attempt);
	if (!isGone) noteRefusal(turn, track, 'deletion', said);
	return isGone;
}

const deleteTrack: Operation = (turn) =>
	withTrack(turn, async (track) => {
		await deleteOne(turn, track);
	});

/** What an artist does who published the wrong file, and then wants it after all. */
const deleteAndSendAgain: Operation = (turn) =>
	withTrack(turn, async (track) => {
		const sound = [...track.heard.values()].at(-1);
		if (!sound || !(await deleteOne(turn, track))) return;
		await sleep(turn.random.between(0, 1_500));
		await send(turn, { ...chooseSending(turn), artist: track.artist, sound });
	});

/** Begins something and thinks better of it. */
const sendAndDiscard: Operation = async (turn) => {
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

/** How often each is done, out of their sum. */
const WEIGHTS: Record<string, [weight: number, operation: Operation]> = {
	upload: [34, (turn) => send(turn, chooseSending(turn))],
	edit: [20, editWords],
	artwork: [10, editPicture],
	replacement: [14, replaceAudio],
	restoration: [7, restoreAudio],
	deletion: [10, deleteTrack],
	'deletion and upload': [8, deleteAndSendAgain],
	discarding: [6, sendAndDiscard]
};
const CHOICES = Object.entries(WEIGHTS).flatMap(([name, [weight]]) =>
	Array<string>(weight).fill(name)
);

/** Does one thing or another. @returns what it was */
export async function doSomething(studio: Studio, random: Random): Promise<string> {
	const name = random.pick(CHOICES);
	await WEIGHTS[name]?.[1]({ ...studio, random });
	return name;
}
