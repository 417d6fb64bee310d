import {
	type QueueSnapshotJson,
	type QueueStateJson,
	snapshotToJson,
	stateToJson
} from './queue-json.ts';
import type { KeptQueue, QueuePush, QueueSnapshot } from './queue-sync.ts';
import { isText, readState } from './read-state.ts';

/** What a page could not send, as the browser keeps it for the next. */
interface KeptJson {
	base: QueueSnapshotJson;
	state: QueueStateJson | null;
	unanswered: { id: string; state: QueueStateJson; revision: number } | null;
}

export const keptToJson = ({ base, state, unanswered }: KeptQueue): KeptJson => ({
	base: snapshotToJson(base),
	state: state && stateToJson(state),
	unanswered: unanswered && {
		...{ id: unanswered.id, revision: unanswered.revision },
		state: stateToJson(unanswered.state)
	}
});

/** @param stored of another version, or of whoever has this browser; null: it is not understood */
export function keptFromJson(stored: string): KeptQueue | null {
	try {
		const { base, state, unanswered } = JSON.parse(stored) as Partial<KeptJson>;
		if (!base || state === undefined || unanswered === undefined) return null;
		return {
			base: readSnapshot(base),
			state: state && readState(state),
			unanswered: unanswered && readPush(unanswered)
		};
	} catch {
		return null;
	}
}

function readSnapshot({ state, revision, recent_pushes: pushes }: KeptJson['base']): QueueSnapshot {
	if (!Number.isSafeInteger(revision) || !pushes.every(isText)) throw new TypeError('no snapshot');
	return { state: readState(state), revision, recentPushes: pushes };
}

function readPush({ id, state, revision }: NonNullable<KeptJson['unanswered']>): QueuePush {
	if (!isText(id) || !Number.isSafeInteger(revision)) throw new TypeError('no push');
	return { id, state: readState(state), revision, isLast: false };
}
