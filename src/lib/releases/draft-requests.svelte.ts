import { RefusedError } from '#lib/refusal.ts';
import { isSignedInAs } from '#lib/uploads/signed-in-as.ts';
import { changeRelease, getRelease } from './release-requests.ts';
import type { ReleaseChange, ReleaseState } from './release.ts';

const SOMEBODY_ELSE =
	'somebody else is signed in in this browser now. sign in as the artist of this draft again: until then what you type is kept here';

/** Asks the server about a draft, and finds out what it means when there is none. */
export class DraftRequests {
	/** it was discarded in another tab or browser */
	isGone = $state(false);
	/** somebody else is signed in by now: for them there is no such draft */
	isForeign = $state(false);
	#releaseId: string;
	#did: string;

	constructor(releaseId: string, did: string) {
		this.#releaseId = releaseId;
		this.#did = did;
	}

	/** @throws RefusedError 404 it was discarded, 403 somebody else is signed in, or another; TypeError or DOMException */
	get(): Promise<ReleaseState> {
		return this.#ask(() => getRelease(this.#releaseId));
	}

	/** @throws as `get` does */
	save(change: ReleaseChange, isLast: boolean): Promise<ReleaseState> {
		return this.#ask(() => changeRelease(this.#releaseId, change, isLast));
	}

	async #ask(request: () => Promise<ReleaseState>): Promise<ReleaseState> {
		try {
			const release = await request();
			this.isForeign = false;
			return release;
		} catch (cause) {
			if (!(cause instanceof RefusedError && cause.status === 404)) throw cause;
			this.isForeign = !(await isSignedInAs(this.#did));
			if (this.isForeign) throw new RefusedError(403, SOMEBODY_ELSE, 'somebody_else');
			this.isGone = true;
			throw cause;
		}
	}
}
