import { type Channel, openChannel } from '#lib/open-channel.ts';
import { type QueueStateJson, stateToJson } from './queue-json.ts';
import type { QueueState } from './queue-state.ts';
import { readState } from './read-state.ts';

interface ChangeJson {
	before: QueueStateJson;
	after: QueueStateJson;
}

/** A line between the tabs of this browser, on which each tells the others what it did to the queue. */
export class QueueTabs {
	readonly #channel: Channel;

	/**
	 * @param whose a did; null: of who is not signed in
	 * @param onchange what another tab made of which queue; merge it with the one here
	 */
	constructor(whose: string | null, onchange: (before: QueueState, after: QueueState) => void) {
		this.#channel = openChannel(`plyr-queue:${whose ?? ''}`);
		this.#channel.onmessage = ({ data }: MessageEvent<Partial<ChangeJson>>) => {
			try {
				if (data.before && data.after) onchange(readState(data.before), readState(data.after));
			} catch {
				// a tab of another version: its changes come by the server, or at the next page
			}
		};
	}

	/** What was done here. */
	tell(before: QueueState, after: QueueState): void {
		this.#channel.postMessage({ before: stateToJson(before), after: stateToJson(after) });
	}

	close(): void {
		this.#channel.close();
	}
}
