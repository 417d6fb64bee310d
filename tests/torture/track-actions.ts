import { setTimeout as sleep } from 'node:timers/promises';
import { albumNamed, type ModelTrack } from './model.ts';
import {
	chooseAlbumName,
	chooseSending,
	chooseSound,
	keepPicture,
	send
} from './sending-actions.ts';
import { type Action, newTitle, type Said, settle, type Turn, wish } from './turn.ts';

const WORDS = ['ambient', 'techno', 'field', 'live', 'demo'];

/** A track nobody is at; now and then one that somebody is at, and one that is deleted already. */
function chooseTrack({ model, random }: Turn): ModelTrack | null {
	const isAny = random.chance(0.1);
	const tracks = [...model.tracks.values()].filter(
		(track) => isAny || (!track.isBusy && track.isThere.is(true))
	);
	return tracks.length > 0 ? random.pick(tracks) : null;
}

async function withTrack(turn: Turn, act: (track: ModelTrack) => Promise<void>): Promise<boolean> {
	const track = chooseTrack(turn);
	if (!track) return false;
	track.isBusy = true;
	await act(track).finally(() => (track.isBusy = false));
	return true;
}

const GONE = new Set(['track_removed', 'track_not_found', 'record_missing']);

function noteRefusal(
	{ model }: Turn,
	track: ModelTrack,
	what: string,
	said: Said,
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

export const editWords: Action = (turn) =>
	withTrack(turn, async (track) => {
		const { random } = turn;
		const tags = WORDS.filter(() => random.chance(0.4));
		const title = track.title.begin(newTitle('song'));
		const words = track.tags.begin(tags.toSorted().join(','));
		const album = random.chance(0.2) ? chooseAlbumName(turn) : '';
		const isMoved = album !== '' || random.chance(0.1);
		const place = isMoved ? wish(track.album, albumNamed(album)) : null;
		const said = await patch(track, { title: title.value, tags, ...(isMoved ? { album } : {}) });
		settle(track.tags, words, said);
		// what its record says already moves it nowhere: a list may have it elsewhere
		place?.leave();
		if (!settle(track.title, title, said)) noteRefusal(turn, track, 'edit', said);
	});

export const editPicture: Action = (turn) =>
	withTrack(turn, async (track) => {
		const { model, random, pictures } = turn;
		const picture = random.chance(0.8) ? random.pick(pictures) : null;
		if (picture && !(await keepPicture(model, track.artist, picture))) return;
		const attempt = track.imageId.begin(picture?.imageId ?? null);
		const said = await patch(track, { image_id: attempt.value });
		if (!settle(track.imageId, attempt, said)) noteRefusal(turn, track, 'picture', said);
	});

export const replaceAudio: Action = (turn) =>
	withTrack(turn, async (track) => {
		await send(turn, {
			artist: track.artist,
			sound: chooseSound(turn),
			title: '',
			album: null,
			picture: null,
			replaces: track,
			place: null
		});
	});

export const restoreAudio: Action = (turn) =>
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

export const deleteTrack: Action = (turn) =>
	withTrack(turn, async (track) => {
		await deleteOne(turn, track);
	});

/** What an artist does who published the wrong file, and then wants it after all. */
export const deleteAndSendAgain: Action = (turn) =>
	withTrack(turn, async (track) => {
		const sound = [...track.heard.values()].at(-1);
		if (!sound || !(await deleteOne(turn, track))) return;
		await sleep(turn.random.between(0, 1_500));
		await send(turn, { ...chooseSending(turn), artist: track.artist, sound });
	});
