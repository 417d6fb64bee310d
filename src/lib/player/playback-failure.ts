const PROBE_LIMIT_MS = 5_000;

/** MediaError.MEDIA_ERR_NETWORK: what had begun to arrive broke off. */
const NETWORK_ERROR = 2;
/** MediaError.MEDIA_ERR_DECODE: bytes arrived and could not be turned into sound. */
const DECODE_ERROR = 3;

/** Why a recording does not play, in sentences for the listener. */
export const failureReasons = {
	offline: 'you are offline. it goes on by itself when the connection is back',
	unanswered: 'no answer comes just now. it is tried again by itself',
	stalled: 'nothing of the recording arrives. it is tried again by itself',
	server: 'the server could not send this recording just now. it is tried again by itself',
	gone: 'this recording is not there any more',
	decode: 'this browser could not decode the recording',
	unknown: 'the recording could not be loaded',
	unplayable: 'this browser cannot play this kind of file'
} as const;

/** What is said while more of it is waited for. */
export const SLOW_REASON = 'the recording is slow to arrive';

export type Failure = keyof typeof failureReasons;

/** Whether the recording itself is at fault: another one may well be played now. */
export function isOfRecording(failure: Failure): boolean {
	return ['gone', 'decode', 'unknown', 'unplayable'].includes(failure);
}

/** What can be said at once about a failed element. */
export function firstFailure(errorCode: number, isOnline: boolean): Failure {
	if (!isOnline) return 'offline';
	return errorCode === DECODE_ERROR ? 'decode' : 'unknown';
}

/**
 * The element never says why: asks once for the first byte of the recording, also where a redirect
 * (to the bucket) leads. Answers within five seconds.
 */
export async function closerFailure(
	url: string,
	errorCode: number,
	ask: typeof fetch = fetch
): Promise<Failure> {
	const signal = AbortSignal.timeout(PROBE_LIMIT_MS);
	const byte = ask(url, { headers: { range: 'bytes=0-0' }, signal });
	const status = await byte.then(
		async (response) => {
			await response.body?.cancel();
			return response.status;
		},
		() => null
	);
	if (status !== null) return failureOf(status, errorCode);
	// a bucket may not let us read its answer; this rejects only when there is none
	const answer = ask(url, { method: 'HEAD', mode: 'no-cors', signal });
	return await answer.then(
		() => 'unknown',
		() => 'unanswered'
	);
}

function failureOf(status: number, errorCode: number): Failure {
	if (status === 404 || status === 410) return 'gone';
	if (status >= 500 || status === 429 || status === 408) return 'server';
	if (status >= 400) return 'unknown';
	if (errorCode === NETWORK_ERROR) return 'server';
	return errorCode === DECODE_ERROR ? 'decode' : 'unplayable';
}
