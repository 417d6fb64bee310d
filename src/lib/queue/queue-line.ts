import { readRefusal } from '#lib/refusal.ts';
import {
	type QueueSnapshotJson,
	snapshotFromJson,
	stateFromJson,
	stateToJson
} from './queue-json.ts';
import type { PushAnswer, QueuePush, QueueSnapshot } from './queue-sync.ts';

const PUSH_LIMIT_MS = 15_000;

/** Sends a push. @throws when nobody knows whether it arrived */
export async function pushQueue(push: QueuePush): Promise<PushAnswer> {
	const response = await fetch('/api/queue/', {
		method: 'PUT',
		headers: {
			'content-type': 'application/json',
			'if-match': `"${push.revision}"`,
			prefer: 'return=minimal'
		},
		body: JSON.stringify({ state: stateToJson(push.state), push_id: push.id }),
		// it outlives the page; browsers take up to 64 kB of this kind, and what is larger is kept
		keepalive: push.isLast,
		signal: AbortSignal.timeout(PUSH_LIMIT_MS)
	});
	const body = await response.text();
	if (response.ok) return { kind: 'accepted', snapshot: readAccepted(body, push) };
	if (response.status === 401) return { kind: 'signed-out' };
	const { message, code } = readRefusal(response.status, body);
	if (code === 'queue_conflict') {
		const { detail } = JSON.parse(body) as { detail: QueueSnapshotJson };
		return { kind: 'conflict', snapshot: snapshotFromJson(detail) };
	}
	if (response.status >= 500 || response.status === 429) throw new Error(message);
	// what has no code is the sentence of a proxy, or one about files
	return { kind: 'refused', reason: code === null ? 'the server would not take it' : message };
}

/** A queue that was taken as it was sent is not sent back. */
function readAccepted(body: string, { state: sent }: QueuePush): QueueSnapshot {
	const {
		state,
		revision,
		recent_pushes: recentPushes
	} = JSON.parse(body) as Omit<QueueSnapshotJson, 'state'> & Partial<QueueSnapshotJson>;
	return { state: state ? stateFromJson(state) : sent, revision, recentPushes };
}
