import type { Viewer } from '#lib/auth/viewer.ts';
import { albumNamedBy } from '#lib/server/albums/follow-track.ts';
import { SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import type { EditForm } from '#lib/tracks/edit-form.ts';
import { mergeValues } from '#lib/tracks/merge-values.ts';
import type { Track } from '#lib/tracks/track.ts';
import type { TrackValues } from '#lib/tracks/track-values.ts';
import { editTrack, RecordChanged } from './edit-track.ts';
import { type Base, filledForm, isTheirs, readBase, takeTheirs, whatChanged } from './form-base.ts';
import { ownTrack } from './own-track.ts';
import { presentTrack } from './present.ts';
import { receiveChangeForm, sentChange, wantedValues } from './receive-change.ts';
import { valuesOfRow } from './values.ts';

/**
 * The form of a track of the viewer's own, filled with what it says.
 * @throws DomainError 404, 410, 403 `not_your_track`
 */
export async function openEditForm(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer,
	id: number
): Promise<{ track: Track; form: EditForm }> {
	const row = await ownTrack(ctx, viewer, id, 'edit');
	const values = valuesOfRow(row);
	const named = (await albumNamedBy(ctx.db, id)) ?? '';
	const form = filledForm({ cid: row.record_cid, named, values }, values);
	return { track: presentTrack(row), form };
}

/**
 * Saves what was sent with the form.
 * @returns null when it is saved; else the form again, with everything that was typed and the reason
 * @throws DomainError 404, 410, 403 `not_your_track`
 */
export async function saveEditForm(
	ctx: Context,
	viewer: Viewer,
	id: number,
	request: Request
): Promise<{ status: number; form: EditForm } | null> {
	await ownTrack(ctx, viewer, id, 'edit');
	const fields = new Map<string, string>();
	let imageId: string | null = null;
	try {
		const received = await receiveChangeForm(ctx, request, fields).finally(() =>
			takeTheirs(fields)
		);
		if (!isTheirs(fields, 'imageId')) imageId = received.imageId;
		const seen = readBase(fields.get('base'));
		const sent = sentChange({ fields: whatChanged(fields, seen), imageId });
		const wanted = await wantedValues(ctx, viewer, id, sent, seen.values.features);
		await editOrMerge(ctx, viewer, id, seen, wanted);
		return null;
	} catch (cause) {
		if (cause instanceof Refilled) return { status: 409, form: cause.form };
		if (!(cause instanceof DomainError)) throw cause;
		if (cause.status === 404 || cause.status === 410) throw cause;
		return { status: cause.status, form: refusedForm(fields, imageId, cause) };
	}
}

/** Carries the form that joins what was typed with what was changed elsewhere. */
class Refilled extends Error {
	readonly form: EditForm;

	constructor(form: EditForm, cause: unknown) {
		super('the form has to be shown again', { cause });
		this.form = form;
	}
}

async function editOrMerge(
	ctx: Context,
	viewer: Viewer,
	id: number,
	seen: Base,
	wanted: Partial<TrackValues>
): Promise<void> {
	try {
		await editTrack(ctx, viewer, id, {
			wanted,
			cid: seen.cid,
			base: seen.values,
			named: seen.named
		});
	} catch (cause) {
		if (!(cause instanceof RecordChanged)) throw cause;
		const { changes } = mergeValues(seen.values, wanted, cause.current);
		const mine = Object.fromEntries(cause.conflicts.map(({ field }) => [field, wanted[field]]));
		const shown: TrackValues = { ...cause.current, ...changes, ...mine };
		const form = filledForm({ cid: cause.cid, named: cause.named, values: cause.current }, shown);
		const { conflicts, message } = cause;
		throw new Refilled({ ...form, message, conflicts }, cause);
	}
}

/** The form as it was sent, with the versions that were chosen. */
function refusedForm(
	fields: Map<string, string>,
	imageId: string | null,
	cause: DomainError
): EditForm {
	const text = (name: string) => fields.get(name) ?? '';
	const isOn = (name: string) => fields.get(name) === 'true';
	const { detail } = cause;
	const hasField = typeof detail === 'object' && detail !== null && 'field' in detail;
	return {
		typed: {
			title: text('title'),
			album: text('album'),
			description: text('description'),
			tags: text('tags'),
			features: text('features'),
			isExplicit: isOn('is_explicit'),
			isUnlisted: isOn('is_unlisted'),
			removeImage: isOn('remove_image')
		},
		imageId: imageId ?? text('image_id'),
		base: text('base'),
		message: cause.message,
		field: hasField ? String(detail.field) : null,
		conflicts: [],
		needsSignIn: cause instanceof SignInAgain
	};
}
