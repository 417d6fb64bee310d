import type { FieldConflict } from './track-values.ts';

/** The form in which a track is edited, as it is shown: as it is, or as it was sent and refused. */
export interface EditForm {
	/** what was typed; lists separated by commas */
	typed: {
		title: string;
		album: string;
		description: string;
		tags: string;
		features: string;
		isExplicit: boolean;
		isUnlisted: boolean;
		removeImage: boolean;
	};
	/** a picture that came with an earlier attempt and is kept; '': none */
	imageId: string;
	/** what the artist saw when they began: goes back with the form as it is */
	base: string;
	/** why it was not saved; null: nothing was refused */
	message: string | null;
	/** the field it is about */
	field: string | null;
	/** fields that were changed elsewhere too: one version of each is to be chosen */
	conflicts: FieldConflict[];
	/** only signing in again helps */
	needsSignIn: boolean;
}
