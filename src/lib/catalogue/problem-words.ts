import type { FieldDifference, LeftAlone, Problem, ProblemKind } from './catalogue.ts';

type Words = Pick<Problem, 'kind' | 'detail'>;

const FIELD_NAMES: Record<FieldDifference['field'], string> = {
	title: 'title',
	album: 'album',
	description: 'description',
	tags: 'tags',
	features: 'featured artists',
	isExplicit: 'explicit',
	isUnlisted: 'unlisted',
	imageId: 'artwork',
	audio: 'audio',
	createdAt: 'date'
};

export const fieldName = (field: FieldDifference['field']): string => FIELD_NAMES[field];

/** What is wrong, as its artist reads it. */
export function whatIsWrong({ kind, detail }: Words): string {
	switch (kind) {
		case 'record_missing':
			return 'its record is not in your repository: it cannot be liked, and other apps do not see it';
		case 'record_differs':
			return `its record says something else than its page here: ${fieldsOf(detail.differences)}`;
		case 'record_unreadable':
			return `its record cannot be read as a track (${detail.reason ?? 'no reason'})`;
		case 'not_listed':
			return 'its record and its audio are here, but it is on no page';
		case 'audio_missing':
			return `its audio does not answer, so nobody can hear it${AUDIO_SOURCE[detail.remedy ?? 'send']}`;
		case 'original_missing':
			return 'the file you uploaded is gone from our storage. what listeners hear is complete';
		case 'earlier_missing':
			return 'the file of an earlier version is gone from our storage. what listeners hear is complete';
		case 'artwork_missing':
			return detail.someLeft
				? 'some sizes of its artwork are gone from our storage'
				: 'its artwork is gone from our storage';
		case 'cover_missing':
			return detail.someLeft
				? 'some sizes of its cover are gone from our storage'
				: 'its cover is gone from our storage';
		case 'album_record_missing':
			return 'the record of this album is not in your repository';
		case 'album_differs':
			return 'the record of this album was changed elsewhere, and its page here does not say so yet';
		case 'album_not_listed':
			return 'this album is in your repository, but on no page here';
		case 'album_lists_gone':
			return detail.gone === 1
				? 'it lists a track that is gone'
				: `it lists ${detail.gone ?? 0} tracks that are gone`;
	}
}

const AUDIO_SOURCE = {
	remake: '. the file you uploaded is still here',
	copy: '. the same music is still here in another file',
	send: ', and there is no other copy of it here'
};

/** What a repair will do; null: only the artist can do something. */
export function whatRepairDoes({ kind, detail }: Words): string | null {
	const { remedy } = detail;
	if (kind === 'audio_missing') return AUDIO_REPAIR[remedy ?? 'send'];
	if (kind === 'earlier_missing') {
		return remedy === 'remake'
			? 'it is made again from the file you uploaded then'
			: 'it is taken off the list of earlier versions';
	}
	if (kind === 'artwork_missing') {
		return detail.someLeft
			? 'the sizes that are left are used'
			: 'it is taken off the track, so that you can choose it again';
	}
	if (kind === 'cover_missing') {
		return detail.someLeft
			? 'the sizes that are left are used'
			: 'it is taken off the album, so that you can choose a cover again';
	}
	return REPAIRS[kind];
}

const AUDIO_REPAIR = {
	remake: 'it is made again from the file you uploaded',
	copy: 'the track plays the other file',
	send: null
};

const REPAIRS: Record<
	Exclude<ProblemKind, 'audio_missing' | 'earlier_missing' | 'artwork_missing' | 'cover_missing'>,
	string | null
> = {
	record_missing: 'the record is written again under its own address, with its first date',
	record_differs: 'you choose which version stays',
	record_unreadable:
		'what is known here is written into it. what other apps have added to it stays',
	not_listed: 'it is listed again, as its record says',
	original_missing: null,
	album_record_missing: 'the record is written again, with the album’s tracks in their order',
	album_differs: 'the page here takes what the record says',
	album_not_listed: 'it is listed again, as its record says',
	album_lists_gone: 'what is gone is taken off the list'
};

/** Whether a repair writes over something somebody wrote. */
export const overwrites = ({ kind }: Pick<Problem, 'kind'>): boolean =>
	kind === 'record_differs' || kind === 'record_unreadable';

/** Why a record in the repository is no track here. */
export const WHY_LEFT_ALONE: Record<LeftAlone['why'], string> = {
	other_audio: 'its audio is not one of ours',
	same_audio: 'another track of yours is of the same file',
	deleted_here: 'you deleted it here',
	unreadable: 'it cannot be read as a track'
};

function fieldsOf(differences: FieldDifference[] = []): string {
	return differences.map(({ field }) => fieldName(field)).join(', ');
}
