import { forget, readStored, store } from '#lib/safe-storage.ts';
import { type QueueStateJson, stateToJson } from './queue-json.ts';
import type { QueueState } from './queue-state.ts';
import { readState } from './read-state.ts';

const QUEUE = 'queue';
const POSITION = 'queue_position';

interface Position {
	item_id: string;
	seconds: number;
}

/** Whether there is any, without reading it. */
export const hasKeptQueue = (): boolean => readStored(QUEUE) !== null;

/** Whether a change of what the browser keeps is one of the queue. */
export const isOfQueue = (name: string | null): boolean => name === QUEUE;

/** The queue this browser was left with while nobody was signed in; null: there is none. */
export function keptQueue(): QueueState | null {
	try {
		const stored = readStored(QUEUE);
		if (stored === null) return null;
		// what an older version left may lack something: then it fails here, not while playing
		return readState(JSON.parse(stored) as QueueStateJson);
	} catch {
		return null;
	}
}

/** Keeps it for the next page. */
export function keepQueue(queue: QueueState): void {
	store(QUEUE, JSON.stringify(stateToJson(queue)));
}

/** It lives elsewhere now. */
export function forgetQueue(): void {
	forget(QUEUE);
}

/** Where an item was left, in seconds; 0 when another one was. */
export function keptPosition(itemId: string): number {
	try {
		const { item_id: id, seconds } = JSON.parse(readStored(POSITION) ?? '{}') as Partial<Position>;
		return id === itemId && typeof seconds === 'number' && seconds > 0 ? seconds : 0;
	} catch {
		return 0;
	}
}

/** Keeps where an item is; small, as it is written often. */
export function keepPosition(itemId: string, seconds: number): void {
	const position: Position = { item_id: itemId, seconds };
	store(POSITION, JSON.stringify(position));
}
