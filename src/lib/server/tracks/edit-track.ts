import type { Viewer } from '#lib/auth/viewer.ts';
import { overlayTrack } from '#lib/server/atproto/records/overlay-track.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { decodeTrack } from '#lib/server/atproto/records/track-record.ts';
import type { RepoRecord } from '#lib/server/atproto/repo.ts';
import { forgetArtworkProblem } from '#lib/server/catalogue/forget.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { forgetUnnamed } from '#lib/server/uploads/forget-unnamed.ts';
import { isSameAlbum, type Merged, mergeValues } from '#lib/tracks/merge-values.ts';
import type { FieldConflict, TrackValues } from '#lib/tracks/track-values.ts';
import { ownTrack } from './own-track.ts';
import type { TrackRow } from './queries.ts';
import { asSentBack, valuesOfRecord } from './values.ts';
import { writeTrack } from './write-track.ts';

/** What an artist wants of a track, and what they saw when they began. */
export interface TrackEdit {
	/** absent fields stay as they are */
	wanted: Partial<TrackValues>;
	/** of the version they saw; absent: they take whatever there is */
	cid?: string | undefined;
	/** what they were shown: what is wanted as it was is no change; absent: not known */
	base?: TrackValues | undefined;
	/** the album that version of the record named; absent: the one they were shown */
	named?: string | undefined;
}

/** The same field was changed here and elsewhere: the artist has to choose. Nothing was written. */
export class RecordChanged extends DomainError {
	readonly conflicts: FieldConflict[];
	readonly cid: string;
	readonly current: TrackValues;
	/** the album the record names by itself */
	readonly named: string;

	constructor(
		current: { cid: string; values: TrackValues; named: string },
		conflicts: FieldConflict[]
	) {
		const message =
			'this track was changed somewhere else since you opened it. choose which version to keep';
		super(409, 'record_changed', message, {
			detail: { message, record_cid: current.cid, conflicts }
		});
		this.name = 'RecordChanged';
		this.conflicts = conflicts;
		this.cid = current.cid;
		this.current = current.values;
		this.named = current.named;
	}
}

/**
 * Changes what a track says about itself, in its record and then in the index: only the fields the
 * artist changed, in the record as it is now. Every other field of it stays, known to us or not.
 * @throws RecordChanged; DomainError 404, 410, 403 `not_your_track`, and as `writeTrack`
 */
export async function editTrack(
	ctx: Context,
	viewer: Viewer,
	id: number,
	edit: TrackEdit
): Promise<TrackRow> {
	const track = await ownTrack(ctx, viewer, id, 'edit');
	const site = recordSite(ctx.config);
	const change = ({ cid, record }: RepoRecord) => {
		const said = valuesOfRecord(decodeTrack(site, record));
		const current = { cid, values: { ...said, album: shownAlbum(edit, said.album) } };
		const { changes, conflicts } = merge(edit, current);
		if (conflicts.length > 0) {
			throw new RecordChanged({ ...current, named: said.album }, conflicts);
		}
		return overlayTrack(site, record, changes);
	};
	const { album } = edit.wanted;
	const namesAlbum = album !== undefined && album !== edit.base?.album;
	const movesAlbum = namesAlbum && !isSameAlbum(album, track.album_title ?? '');
	const row = await writeTrack(ctx, track, change, { namesAlbum, movesAlbum });
	if (edit.wanted.imageId !== undefined) await forgetArtworkProblem(ctx.db, id);
	if (edit.wanted.features) await forgetUnnamed(ctx, track);
	return row;
}

/**
 * The album a person sees the track in. A list may have it though its record names another one, or
 * none: as long as nobody changes that word, it is where they saw it.
 */
function shownAlbum({ base, named }: TrackEdit, inRecord: string): string {
	return base && isSameAlbum(inRecord, named ?? base.album) ? base.album : inRecord;
}

/**
 * What is wanted has been cleaned, as everything that is sent. So it is compared with what it would
 * be if the other side were sent back as it is: else a field nobody touched would be written anew.
 */
function merge(
	{ wanted, cid, base }: TrackEdit,
	current: { cid: string; values: TrackValues }
): Merged {
	const values = asSentBack(current.values);
	const seen = base && asSentBack(base);
	if (cid !== undefined && cid !== current.cid) return mergeValues(seen ?? null, wanted, values);
	// nobody changed it since
	return mergeValues(seen ?? values, wanted, seen ?? values);
}
