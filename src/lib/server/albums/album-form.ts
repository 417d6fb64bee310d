import type { AlbumFormValues } from '#lib/albums/album-form-values.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { AlbumChange } from '#lib/server/db/schema.ts';
import { albumNotFound } from './own-album.ts';
import { changeAlbum, keepChange } from './change-album.ts';
import { createAlbum } from './create-album.ts';
import { readYear } from './fields.ts';
import { type AlbumBase, onlyChanged, readBase } from './form-base.ts';
import { hasToSignInFirst } from './permission.ts';
import { findMembers } from './queries.ts';
import { findAlbumById } from './reading-queries.ts';

const textOf = (form: FormData, name: string): string => {
	const value = form.get(name);
	return typeof value === 'string' ? value : '';
};

const idsIn = (form: FormData, name: string): number[] =>
	form.getAll(name).map(Number).filter(Number.isSafeInteger);

const POSITION = /^position_(\d+)$/;

const positionsIn = (form: FormData): AlbumFormValues['positions'] =>
	[...form.entries()].flatMap(([name, value]) => {
		const id = POSITION.exec(name)?.[1];
		return id === undefined || typeof value !== 'string' ? [] : [{ id: Number(id), at: value }];
	});

/** A form about an album as it was sent, so that it can be shown again. */
export const albumFormValues = (form: FormData): AlbumFormValues => ({
	title: textOf(form, 'title'),
	description: textOf(form, 'description'),
	year: textOf(form, 'year'),
	base: textOf(form, 'base'),
	positions: positionsIn(form),
	removed: idsIn(form, 'remove'),
	added: idsIn(form, 'add')
});

/**
 * Saves the form of an album. When its artist has to sign in first, what they typed is kept, made
 * after that by itself, and the error is thrown all the same.
 * @returns where the album is now
 * @throws DomainError as `changeAlbum`
 */
export async function saveAlbumForm(
	ctx: Context,
	viewer: Viewer,
	id: string,
	form: FormData
): Promise<{ slug: string; artist: { did: string; handle: string } }> {
	const sent = albumFormValues(form);
	const given = readBase(sent.base);
	const changed = onlyChanged({ ...factsOf(sent), ...orderOf(sent) }, given);
	const change = await withoutGone(ctx, id, changed, given);
	try {
		await changeAlbum(ctx, viewer, id, change);
	} catch (cause) {
		if (hasToSignInFirst(cause)) await keepChange(ctx, viewer, id, change);
		throw cause;
	}
	return await placeOf(ctx, id);
}

/**
 * Makes an album from a form. Without the permission it waits for the artist to give it.
 * @returns where the album is
 * @throws DomainError 422
 */
export async function createAlbumFromForm(
	ctx: Context,
	viewer: Viewer,
	form: FormData
): Promise<{ slug: string; artist: { handle: string } }> {
	const id = await createAlbum(ctx, viewer, factsOf(albumFormValues(form)), { mayWait: true });
	return await placeOf(ctx, id);
}

async function placeOf(ctx: Context, id: string) {
	const row = await findAlbumById(ctx.db, id, true);
	if (!row) throw albumNotFound();
	return { slug: row.slug, artist: { did: row.artist_did, handle: row.artist_handle } };
}

/** A track that stood in the form and was taken out or deleted since does not come back by it. */
async function withoutGone(
	ctx: Pick<Context, 'db'>,
	id: string,
	change: AlbumChange,
	given: AlbumBase | null
): Promise<AlbumChange> {
	if (!given || !change.order) return change;
	const members = new Set((await findMembers(ctx.db, id)).map((track) => track.id));
	const isGone = (track: number) => given.order.includes(track) && !members.has(track);
	return { ...change, order: change.order.filter((track) => !isGone(track)) };
}

const factsOf = ({ title, description, year }: AlbumFormValues): AlbumChange => ({
	title,
	description,
	year: readYear(year)
});

/** Numbers beside the tracks are their order; equal ones stay as they stand. Added tracks come last. */
function orderOf({
	positions,
	removed,
	added
}: AlbumFormValues): Pick<AlbumChange, 'order' | 'removed'> {
	// nothing said about tracks is nothing changed about them
	if (positions.length === 0 && added.length === 0) return {};
	const numbered = positions.map(({ id, at }) => {
		const number = at.trim() === '' ? NaN : Number(at);
		return { id, at: Number.isNaN(number) ? Infinity : number };
	});
	const order = numbered
		.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at))
		.map(({ id }) => id)
		.filter((id) => !removed.includes(id));
	return { order: [...order, ...added], removed };
}
