import { type QueueStateJson, stateFromJson } from './queue-json.ts';
import { isSitePath, type QueueItem, type QueueState } from './queue-state.ts';

const REPEATS = ['off', 'all', 'one'];

/** A queue that somebody else may have written: another version, another tab. @throws TypeError */
export function readState(json: QueueStateJson): QueueState {
	const state = stateFromJson(json);
	const { items, current, repeat, source } = state;
	const isFit =
		items.every(isItem) &&
		[current, repeat, source].every(({ at }) => Number.isFinite(at)) &&
		(current.value === null || items.some(({ id }) => id === current.value)) &&
		REPEATS.includes(repeat.value) &&
		isSource(source.value);
	if (isFit) return state;
	throw new TypeError('this is no queue');
}

export const isText = (value: unknown): value is string => typeof value === 'string';

const isItem = ({ id, trackId, rank, movedAt }: QueueItem): boolean =>
	isText(id) && Number.isSafeInteger(trackId) && isText(rank) && Number.isFinite(movedAt);

const isSource = (source: QueueState['source']['value']): boolean =>
	source === null ||
	(isText(source.label) &&
		isSitePath(source.href) &&
		source.trackIds.every(Number.isSafeInteger) &&
		Number.isSafeInteger(source.nextIndex));
