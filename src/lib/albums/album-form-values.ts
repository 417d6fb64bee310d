/** The form of an album as it was sent: a refused one is shown again just like that. */
export interface AlbumFormValues {
	title: string;
	description: string;
	year: string;
	/** what the form was given: goes back with it as it is */
	base: string;
	/** the numbers beside the tracks as they were typed, in the order the tracks stood in */
	positions: { id: number; at: string }[];
	/** tracks that are to go */
	removed: number[];
	/** tracks that are to come */
	added: number[];
}
