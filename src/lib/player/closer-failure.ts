import { DECODE_ERROR, type Failure } from './playback-failure.ts';

const PROBE_LIMIT_MS = 5_000;

/** MediaError.MEDIA_ERR_NETWORK: what had begun to arrive broke off. */
const NETWORK_ERROR = 2;

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
	const answer = await byte.then(statusAndCode, () => null);
	if (answer?.code === 'audio_taken_down') return 'takenDown';
	if (answer) return failureOf(answer.status, errorCode);
	// a bucket may not let us read its answer; this rejects only when there is none
	const any = ask(url, { method: 'HEAD', mode: 'no-cors', signal });
	return await any.then(
		() => 'unknown',
		() => 'unanswered'
	);
}

/** Only of what may be a refusal of ours the words are read. */
async function statusAndCode(response: Response): Promise<{ status: number; code: unknown }> {
	const { status } = response;
	if (status === 410 || status === 451) {
		const body = (await response.json().catch(() => null)) as { code?: unknown } | null;
		return { status, code: body?.code };
	}
	await response.body?.cancel();
	return { status, code: undefined };
}

function failureOf(status: number, errorCode: number): Failure {
	if (status === 404 || status === 410) return 'gone';
	if (status >= 500 || status === 429 || status === 408) return 'server';
	if (status >= 400) return 'unknown';
	if (errorCode === NETWORK_ERROR) return 'server';
	return errorCode === DECODE_ERROR ? 'decode' : 'unplayable';
}
