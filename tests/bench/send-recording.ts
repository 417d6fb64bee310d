import { once } from 'node:events';
import { type IncomingHttpHeaders, request as open } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Recording } from './recording.ts';

/** Where recordings go, and as whom. */
export interface Destination {
	url: string;
	headers: Record<string, string>;
}

const base64 = (value: string) => Buffer.from(value).toString('base64');

interface Answer {
	headers: IncomingHttpHeaders;
	text: string;
}

/** Streams a body with back-pressure; what the other side does not take waits here, unread. */
async function stream(
	{ url, headers }: Destination,
	method: string,
	body: Iterable<Buffer>,
	wanted: number
): Promise<Answer> {
	const outgoing = open(url, { method, headers });
	const answered = once(outgoing, 'response');
	answered.catch(() => undefined);
	for (const chunk of body) {
		if (!outgoing.write(chunk)) await once(outgoing, 'drain');
	}
	outgoing.end();
	const [response] = (await answered) as [import('node:http').IncomingMessage];
	const answer = { headers: response.headers, text: await text(response) };
	if (response.statusCode === wanted) return answer;
	throw new Error(`${method} ${url} was answered ${response.statusCode}: ${answer.text}`);
}

/** Sends only the bytes: what a bare sink takes. */
export async function sendBare(to: Destination, recording: Recording): Promise<void> {
	const headers = { ...to.headers, 'content-length': String(recording.sizeBytes) };
	await stream({ ...to, headers }, 'POST', recording.chunks(), 200);
}

const BOUNDARY = '----plyrbench7MA4YWxkTrZu0gW';

/** Sends it as a browser's form would. @returns the upload's id */
export async function sendByForm(
	to: Destination,
	recording: Recording,
	title: string
): Promise<string> {
	const disposition = `--${BOUNDARY}\r\nContent-Disposition: form-data;`;
	const head = Buffer.from(
		`${disposition} name="title"\r\n\r\n${title}\r\n` +
			`${disposition} name="file"; filename="${title}.wav"\r\nContent-Type: audio/wav\r\n\r\n`
	);
	const tail = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
	const body = function* () {
		yield head;
		yield* recording.chunks();
		yield tail;
	};
	const headers = {
		...to.headers,
		'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
		'content-length': String(head.length + recording.sizeBytes + tail.length)
	};
	const url = `${to.url}/api/tracks/`;
	const answer = await stream({ url, headers }, 'POST', body(), 200);
	return (JSON.parse(answer.text) as { upload_id: string }).upload_id;
}

/** Sends it by tus in parts of a size. @returns the upload's id */
export async function sendByTus(
	to: Destination,
	recording: Recording,
	title: string,
	partBytes = recording.sizeBytes
): Promise<string> {
	const common = { ...to.headers, 'tus-resumable': '1.0.0' };
	const created = await stream(
		{
			url: `${to.url}/api/uploads/tus`,
			headers: {
				...common,
				'upload-length': String(recording.sizeBytes),
				'upload-metadata': `filename ${base64(`${title}.wav`)},title ${base64(title)}`
			}
		},
		'POST',
		[],
		201
	);
	const url = new URL(created.headers.location ?? '', to.url).href;
	for (let offset = 0; offset < recording.sizeBytes; offset += partBytes) {
		const end = Math.min(recording.sizeBytes, offset + partBytes);
		const headers = {
			...common,
			'content-type': 'application/offset+octet-stream',
			'content-length': String(end - offset),
			'upload-offset': String(offset)
		};
		await stream({ url, headers }, 'PATCH', recording.chunks(offset, end), 204);
	}
	return url.split('/').at(-1) ?? '';
}

/** Sends the bytes of a file by tus, in one part. @returns the upload's id */
export async function sendFileByTus(
	to: Destination,
	file: string,
	bytes: Buffer,
	metadata: Record<string, string>
): Promise<string> {
	const pairs = Object.entries({ filename: path.basename(file), ...metadata });
	const common = { ...to.headers, 'tus-resumable': '1.0.0' };
	const headers = {
		...common,
		'upload-length': String(bytes.byteLength),
		'upload-metadata': pairs.map(([name, value]) => `${name} ${base64(value)}`).join(',')
	};
	const created = await stream({ url: `${to.url}/api/uploads/tus`, headers }, 'POST', [], 201);
	const url = new URL(created.headers.location ?? '', to.url).href;
	const part = {
		...common,
		'content-type': 'application/offset+octet-stream',
		'content-length': String(bytes.byteLength),
		'upload-offset': '0'
	};
	await stream({ url, headers: part }, 'PATCH', [bytes], 204);
	return url.split('/').at(-1) ?? '';
}
