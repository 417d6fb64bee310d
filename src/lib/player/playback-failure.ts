/** MediaError.MEDIA_ERR_DECODE: bytes arrived and could not be turned into sound. */
export const DECODE_ERROR = 3;

/** Why a recording does not play, in sentences for the listener. */
export const failureReasons = {
	offline: 'you are offline. it goes on by itself when the connection is back',
	unanswered: 'no answer comes just now. it is tried again by itself',
	stalled: 'nothing of the recording arrives. it is tried again by itself',
	server: 'the server could not send this recording just now. it is tried again by itself',
	gone: 'this recording is not there any more',
	takenDown: 'whoever runs this site has taken this recording down',
	decode: 'this browser could not decode the recording',
	unknown: 'the recording could not be loaded',
	unplayable: 'this browser cannot play this kind of file'
} as const;

/** What is said while more of it is waited for. */
export const SLOW_REASON = 'the recording is slow to arrive';

export type Failure = keyof typeof failureReasons;

/** Whether the recording itself is at fault: another one may well be played now. */
export function isOfRecording(failure: Failure): boolean {
	return ['gone', 'takenDown', 'decode', 'unknown', 'unplayable'].includes(failure);
}

/** Whether it arrives, and is nothing this browser can play. */
export const isOfBrowser = (failure: Failure): boolean =>
	failure === 'decode' || failure === 'unplayable';

/** What can be said at once about a failed element. */
export function firstFailure(errorCode: number, isOnline: boolean): Failure {
	if (!isOnline) return 'offline';
	return errorCode === DECODE_ERROR ? 'decode' : 'unknown';
}
