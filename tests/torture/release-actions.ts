import type { Artist } from './artist.ts';
import type { Model, ModelUpload } from './model.ts';
import { type ModelRelease, newRelease } from './model-release.ts';
import { chooseSending, keepPicture } from './sending-actions.ts';
import { beginTus, sendParts } from './sending.ts';
import { type Action, newTitle, type Said, shuffled, type Turn } from './turn.ts';

/** A release opens at most so long after it is published. */
const LONGEST_SCHEDULE_MS = 6_000;

/**
 * Publishes an album: a draft, its files, some of them broken or known already, their order, and
 * "publish" when some of them are here. Now and then it opens a little later, gets a file that had
 * not been begun by then, or is thrown away as a draft.
 */
export const publishAlbum: Action = async (turn) => {
	const { model, random } = turn;
	const release = await beginRelease(turn);
	if (!release) return;
	const count = 2 + Math.floor(random.between(0, 3));
	const late = random.chance(0.2) ? count : 0;
	for (let position = 1; position <= count; position++) {
		if (position !== late) await beginFile(turn, release, position);
	}
	if (random.chance(0.1) || !(await saySomething(turn, release))) {
		await discardRelease(model, release);
		return;
	}
	const sentFirst = Math.floor(random.between(0, release.files.length + 1));
	await sendAll(turn, release.files.slice(0, sentFirst));
	const isTimed = random.chance(0.25) && (await schedule(turn, release));
	await publish(model, release);
	if (late) await beginFile(turn, release, late);
	await sendAll(turn, release.files.slice(sentFirst));
	if (isTimed && random.chance(0.3)) await openNow(model, release);
};

async function beginRelease({ model, random, artists, pictures }: Turn) {
	const artist = random.pick(artists);
	const picture = random.chance(0.6) ? random.pick(pictures) : null;
	if (picture && !(await keepPicture(model, artist, picture))) return null;
	const said = await artist.insist({ method: 'POST', path: '/api/releases' });
	const id = said?.answer.json['release_id'];
	if (typeof id !== 'string') return null;
	const coverId = picture?.imageId ?? null;
	const release = newRelease(id, artist, { title: newTitle('album'), coverId });
	model.releases.push(release);
	return release;
}

async function beginFile(turn: Turn, release: ModelRelease, position: number): Promise<void> {
	const { random, model, sounds } = turn;
	const { artist } = release;
	const sending = { ...chooseSending(turn), artist, album: null, place: { release, position } };
	if (position > 1 && random.chance(0.25)) sending.sound = sounds.nextBroken(random);
	if (sending.picture && !(await keepPicture(model, artist, sending.picture))) return;
	const file = await beginTus(model, sending);
	if (file) release.files.push(file);
}

async function sendAll({ model, random }: Turn, files: readonly ModelUpload[]): Promise<void> {
	for (const file of files) await sendParts(model, file, random);
}

const request = (artist: Artist, method: string, path: string, body?: unknown) =>
	artist.insist({
		method,
		path: `/api/releases/${path}`,
		...(body === undefined
			? {}
			: { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
	});

/** What every release needs to be an album, and often an order. @returns false: nobody knows */
async function saySomething({ model, random }: Turn, release: ModelRelease): Promise<boolean> {
	const [title] = release.title.values;
	if (random.chance(0.6)) release.files = shuffled(release.files, random);
	const said = await request(release.artist, 'PATCH', release.id, {
		rights_confirmed: true,
		fields: { album_title: title, image_id: release.coverAtFirst },
		tracks: release.files.map(({ id }, index) => ({ upload_id: id, position: index + 1 }))
	});
	if (said?.answer.status === 200) return true;
	noteRefusal(model, release, 'change', said);
	return false;
}

/** @returns whether it has a time; it may be over by then */
async function schedule({ model, random }: Turn, release: ModelRelease): Promise<boolean> {
	const time = new Date(Date.now() + random.between(500, LONGEST_SCHEDULE_MS));
	const change = { release_at: time.toISOString() };
	const said = await request(release.artist, 'PATCH', release.id, change);
	const isOver = said?.answer.code === 'invalid_field' && time < new Date();
	if (said?.answer.status !== 200 && !isOver) noteRefusal(model, release, 'time', said);
	return said?.answer.status === 200;
}

async function openNow(model: Model, release: ModelRelease): Promise<void> {
	const said = await request(release.artist, 'PATCH', release.id, { release_at: null });
	const also = ['release_published', ...(release.tracksGo ? ['album_deleted'] : [])];
	if (said?.answer.status !== 200) noteRefusal(model, release, 'opening', said, also);
}

/** Publishes it, or throws it away when nothing of it can be. */
async function publish(model: Model, release: ModelRelease): Promise<void> {
	release.state = 'maybe published';
	const said = await request(release.artist, 'POST', `${release.id}/publish`);
	if (said?.answer.status === 200) release.state = 'published';
	else if (said?.answer.code === 'nothing_to_publish') await discardRelease(model, release);
	else noteRefusal(model, release, 'publishing', said);
}

async function discardRelease(model: Model, release: ModelRelease): Promise<void> {
	release.state = 'maybe discarded';
	for (const file of release.files) file.state = 'maybe discarded';
	const said = await request(release.artist, 'DELETE', release.id);
	const { status } = said?.answer ?? {};
	if (status === 200 || (status === 404 && said?.isRepeated)) {
		release.state = 'discarded';
		for (const file of release.files) file.state = 'discarded';
	} else noteRefusal(model, release, 'discarding', said);
}

function noteRefusal(
	model: Model,
	{ id, artist }: ModelRelease,
	what: string,
	said: Said,
	also: string[] = []
): void {
	// patience was over: nobody knows
	if (!said || also.includes(said.answer.code ?? '')) return;
	const { status, code } = said.answer;
	model.surprise(
		'release_refused',
		`${what} of release ${id} of ${artist.name}: ${status} ${code}`
	);
}

/** Asks once more for what nobody has answered. */
export async function finishReleases(model: Model): Promise<void> {
	for (const release of model.releases) {
		if (release.state === 'maybe published') await publish(model, release);
		else if (release.state === 'draft' || release.state === 'maybe discarded') {
			await discardRelease(model, release);
		}
	}
}
