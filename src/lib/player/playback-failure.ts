const PROBE_LIMIT_MS = 5_000;

/** MediaError.MEDIA_ERR_DECODE: bytes arrived and could not be turned into sound. */
const DECODE_ERROR = 3;

export const failureReasons = {
	offline: 'you are offline. it can go on when the connection is back',
	gone: 'this recording is not there any more',
	server: 'the server could not send this recording just now',
	decode: 'this browser could not decode the recording',
	unknown: 'the recording could not be loaded',
	unplayable: 'this browser cannot play this kind of file'
} as const;

/** What can be said at once about a failed element, in a sentence for the listener. */
export function firstReason(errorCode: number, isOnline: boolean): string {
	if (!isOnline) return failureReasons.offline;
	return errorCode === DECODE_ERROR ? failureReasons.decode : failureReasons.unknown;
}

/**
 * The element never says why: asks the server once whether the recording is there. A redirect
 * (to the bucket) counts as there. Answers within five seconds.
 */
export async function closerReason(url: string, fetchHead: typeof fetch = fetch): Promise<string> {
	try {
		const response = await fetchHead(url, {
			method: 'HEAD',
			redirect: 'manual',
			signal: AbortSignal.timeout(PROBE_LIMIT_MS)
		});
		if (response.status === 404 || response.status === 410) return failureReasons.gone;
		if (response.status >= 400) return failureReasons.server;
		return response.type === 'opaqueredirect' ? failureReasons.unknown : failureReasons.unplayable;
	} catch {
		return failureReasons.offline;
	}
}
