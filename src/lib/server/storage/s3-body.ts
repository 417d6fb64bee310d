import { GetObjectCommand } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { onS3, type S3Bucket } from './s3-bucket.ts';
import type { ReadOptions } from './storage.ts';

/** How long a reader that wants more waits for the server's next bytes. */
const STALL_LIMIT_MS = 30_000;
const ANSWER_LIMIT_MS = 60_000;

export interface S3Body {
	sizeBytes: number;
	stream: ReadableStream<Uint8Array>;
}

/**
 * Asks for an object, or a part of it, and hands its bytes on as they are taken.
 * @throws what the server answers: 404, 416
 */
export async function openBody(
	bucket: S3Bucket,
	key: string,
	options: ReadOptions = {}
): Promise<S3Body> {
	const { start = 0, end, signal } = options;
	const whole = start === 0 && end === undefined;
	const command = new GetObjectCommand({
		Bucket: bucket.name,
		Key: key,
		...(whole ? {} : { Range: `bytes=${start}-${end ?? ''}` })
	});
	// the signal given to the client stays bound to the body: a timer we can stop, not a timeout
	const controller = new AbortController();
	const timer = setTimeout(() => controller.abort(), ANSWER_LIMIT_MS);
	const onAbort = () => controller.abort();
	signal?.addEventListener('abort', onAbort, { once: true });
	try {
		signal?.throwIfAborted();
		const answer = await bucket.client.send(command, { abortSignal: controller.signal });
		if (!(answer.Body instanceof Readable)) throw new TypeError('the answer has no readable body');
		const body = answer.Body;
		body.once('close', () => signal?.removeEventListener('abort', onAbort));
		return { sizeBytes: answer.ContentLength ?? 0, stream: streamOf(body, signal) };
	} catch (cause) {
		signal?.removeEventListener('abort', onAbort);
		throw cause;
	} finally {
		clearTimeout(timer);
	}
}

function streamOf(body: Readable, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
	const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
	// an error before anybody reads is reported to the first who does
	body.on('error', () => undefined);
	return new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				const stalled = () =>
					body.destroy(Object.assign(new Error('stalled'), { code: 'ETIMEDOUT' }));
				const timer = setTimeout(stalled, STALL_LIMIT_MS);
				try {
					const step = await onS3(() => chunks.next(), signal);
					if (step.done) controller.close();
					else controller.enqueue(step.value);
				} finally {
					clearTimeout(timer);
				}
			},
			cancel() {
				body.destroy();
			}
		},
		{ highWaterMark: 0 }
	);
}
