import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { AlbumChange } from '#lib/server/db/schema.ts';
import { albumNotFound } from './own-album.ts';
import { changeAlbum, keepChange } from './change-album.ts';
import { createAlbum } from './create-album.ts';
import { readYear } from './fields.ts';
import { hasToSignInFirst } from './permission.ts';
import { findAlbumById } from './reading-queries.ts';

/** What forms about albums have in common: as it was typed, so that it can be shown again. */
export interface AlbumFormValues {
	title: string;
	description: string;
	year: string;
}

const textOf = (form: FormData, name: string): string => {
	const value = form.get(name);
	return typeof value === 'string' ? value : '';
};

export const albumFormValues = (form: FormData): AlbumFormValues => ({
	title: textOf(form, 'title'),
	description: textOf(form, 'description'),
	year: textOf(form, 'year')
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
): Promise<{ slug: string; artist: { handle: string } }> {
	const change = { ...factsOf(form), ...orderOf(form) };
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
	const id = await createAlbum(ctx, viewer, factsOf(form), { mayWait: true });
	return await placeOf(ctx, id);
}

async function placeOf(ctx: Context, id: string) {
	const row = await findAlbumById(ctx.db, id, true);
	if (!row) throw albumNotFound();
	return { slug: row.slug, artist: { handle: row.artist_handle } };
}

function factsOf(form: FormData): AlbumChange {
	const { title, description, year } = albumFormValues(form);
	return { title, description, year: readYear(year) };
}

const POSITION = /^position_(\d+)$/;

/** Numbers beside the tracks are their order; equal ones stay as they stand. Added tracks come last. */
function orderOf(form: FormData): Pick<AlbumChange, 'order' | 'removed'> {
	const ids = (name: string) => form.getAll(name).map(Number).filter(Number.isSafeInteger);
	const numbered = [...form.entries()].flatMap(([name, value]) => {
		const id = POSITION.exec(name)?.[1];
		const at = typeof value === 'string' && value.trim() !== '' ? Number(value) : Infinity;
		return id === undefined ? [] : [{ id: Number(id), at: Number.isNaN(at) ? Infinity : at }];
	});
	const removed = ids('remove');
	const order = numbered
		.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at))
		.map(({ id }) => id)
		.filter((id) => !removed.includes(id));
	const added = ids('add');
	// nothing said about tracks is nothing changed about them
	if (numbered.length === 0 && added.length === 0) return {};
	return { order: [...order, ...added], removed };
}
