/** A record that does not fit its lexicon, ours before it is written or anybody's after it is read. */
export class InvalidRecord extends Error {
	constructor(reason: string, cause?: unknown) {
		super(`the record does not fit its lexicon: ${reason}`, { cause });
		this.name = 'InvalidRecord';
	}
}
