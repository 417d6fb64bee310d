import type { LeftOut } from '#lib/uploads/choose-files.ts';

/** Nothing of what was dropped can be published; says of each why. */
export class NothingToSendError extends Error {
	readonly leftOut: LeftOut[];

	constructor(leftOut: LeftOut[]) {
		super('there is nothing to publish in what you dropped');
		this.name = 'NothingToSendError';
		this.leftOut = leftOut;
	}
}
