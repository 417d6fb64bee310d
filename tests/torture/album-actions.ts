import { type ModelTrack, NO_ALBUM } from './model.ts';
import { type ModelRelease, tracksOf } from './model-release.ts';
import { keepPicture } from './sending-actions.ts';
import { type Action, newTitle, type Said, settle, shuffled, type Turn, wish } from './turn.ts';

/** The album of a release, as its artist finds it. */
interface Album {
	id: string;
	release: ModelRelease;
	/** tracks that are in it, or may be */
	members: ModelTrack[];
}

/** An album nobody is at, rather one that is all there; now and then one that is deleted already. */
function chooseRelease({ model, random }: Turn): ModelRelease | null {
	const isAny = random.chance(0.1);
	const begun = model.releases.filter(
		(release) =>
			release.state === 'published' &&
			tracksOf(release).length > 0 &&
			(isAny || (!release.isBusy && release.albumIsThere.is(true)))
	);
	const whole = begun.filter(({ files }) => files.every(({ state }) => state === 'over'));
	const choices = whole.length > 0 ? whole : begun;
	return choices.length > 0 ? random.pick(choices) : null;
}

async function withAlbum(turn: Turn, act: (album: Album) => Promise<unknown>): Promise<boolean> {
	const release = chooseRelease(turn);
	if (!release) return false;
	release.isBusy = true;
	try {
		const id = (release.albumId ??= await askAlbumId(release));
		if (id === null) return false;
		const members = [...turn.model.tracks.values()].filter(
			({ album, isThere }) => album.has(release.id) && !isThere.is(false)
		);
		await act({ id, release, members });
		return true;
	} finally {
		release.isBusy = false;
	}
}

async function askAlbumId({ id, artist }: ModelRelease): Promise<string | null> {
	const said = await artist.insist({ method: 'GET', path: `/api/releases/${id}` });
	const album = said?.answer.json['album'] as { id: string } | null | undefined;
	return album?.id ?? null;
}

const patch = ({ id, release }: Album, change: Record<string, unknown>) =>
	release.artist.insist({
		method: 'PATCH',
		path: `/api/albums/${id}`,
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(change)
	});

function noteRefusal({ model }: Turn, { release }: Album, what: string, said: Said): void {
	if (!said || said.answer.status === 200) return;
	const { status, code } = said.answer;
	if (code === 'album_not_found' && release.albumIsThere.has(false)) return;
	const about = `${what} of the album of release ${release.id} of ${release.artist.name}`;
	model.surprise(
		'album_refused',
		`${about}: ${status} ${code} ${String(said.answer.json['detail'])}`
	);
}

/** A new title, a new cover, none any more. */
export const editAlbum: Action = (turn) =>
	withAlbum(turn, async (album) => {
		const { model, random, pictures } = turn;
		const { release } = album;
		const picture = random.chance(0.8) ? random.pick(pictures) : null;
		const isCovered = random.chance(0.5);
		if (isCovered && picture && !(await keepPicture(model, release.artist, picture))) return;
		const cover = isCovered ? release.coverId.begin(picture?.imageId ?? null) : null;
		const title = !cover || random.chance(0.5) ? release.title.begin(newTitle('album')) : null;
		const said = await patch(album, {
			...(title ? { title: title.value } : {}),
			...(cover ? { image_id: cover.value } : {})
		});
		if (cover) settle(release.coverId, cover, said);
		if (title) settle(release.title, title, said);
		noteRefusal(turn, album, 'edit', said);
	});

/** Another order; sometimes one track less, sometimes one more that was published by itself. */
export const rearrangeAlbum: Action = (turn) =>
	withAlbum(turn, async (album) => {
		const { model, random } = turn;
		const { release, members } = album;
		const sure = members.filter(({ album: one }) => one.is(release.id));
		const tracks = shuffled(
			sure.filter(({ isThere }) => isThere.is(true)),
			random
		);
		if (tracks.length > 1 && random.chance(0.3)) tracks.pop();
		if (random.chance(0.4)) {
			const singles = [...model.tracks.values()].filter(
				({ artist, album: one, isThere, isBusy }) =>
					artist === release.artist && one.is(NO_ALBUM) && isThere.is(true) && !isBusy
			);
			if (singles.length > 0) tracks.unshift(random.pick(singles));
		}
		const ids = tracks.map(({ id }) => id);
		const wishes = [
			wish<readonly number[] | null>(release.order, ids),
			...tracks.map((track) => wish(track.album, release.id)),
			// the whole order was named: what is not in it goes
			...sure.filter((one) => !tracks.includes(one)).map((one) => wish(one.album, NO_ALBUM))
		];
		const perhaps = members
			.filter((one) => !sure.includes(one))
			.map((one) => wish(one.album, NO_ALBUM));
		const said = await patch(album, { track_ids: ids });
		for (const one of wishes) one.settle(said);
		// one that may have been elsewhere by then has stayed there
		for (const one of perhaps) one.leave();
		const isElsewhere = ({ album: one }: ModelTrack) =>
			[...one.values].some((value) => value !== release.id && value !== NO_ALBUM);
		const mayRefuse = tracks.some((track) => track.isThere.has(false) || isElsewhere(track));
		if (!mayRefuse) noteRefusal(turn, album, 'order', said);
	});

/** Deletes it, with its tracks or without. */
export const deleteAlbum: Action = (turn) =>
	withAlbum(turn, async (album) => {
		const { release, members } = album;
		const withTracks = turn.random.chance(0.5);
		const gone = release.albumIsThere.begin(false);
		if (withTracks) release.tracksGo = true;
		const wishes = members.map((track) => ({
			isSure: track.album.is(release.id),
			it: withTracks ? wish(track.isThere, false) : wish(track.album, NO_ALBUM)
		}));
		const said = await release.artist.insist({
			method: 'DELETE',
			path: `/api/albums/${album.id}?tracks=${withTracks ? 'delete' : 'keep'}`
		});
		for (const { isSure, it } of wishes) {
			// one that may have been elsewhere by then has stayed there
			if (isSure) it.settle(said);
			else it.leave();
		}
		// asked for twice, the first may have done it
		if (said?.answer.status === 404) release.albumIsThere.done(gone);
		else settle(release.albumIsThere, gone, said);
		noteRefusal(turn, album, 'deletion', said);
	});
