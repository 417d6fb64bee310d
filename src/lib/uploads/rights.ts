/** What an artist states before anything of theirs is published. */
export const RIGHTS_STATEMENT =
	'i made this, or have the right to publish it, with everything in it';

/** What is said when they have not. */
export const RIGHTS_NOT_CONFIRMED =
	'nothing was published yet: tick the box that says you may publish this music, then try again';
