import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

/** An answer as it came over the line: nothing is decoded or followed. */
export interface RawAnswer {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	bytes: Buffer;
}

/** Asks with exactly these headers. */
export async function askRaw(
	url: string,
	headers: Record<string, string> = {},
	method = 'GET'
): Promise<RawAnswer> {
	return await new Promise((resolve, reject) => {
		const asked = request(url, { headers, method, agent: false }, (answer) => {
			const parts: Buffer[] = [];
			answer.on('data', (part: Buffer) => parts.push(part));
			answer.once('error', reject);
			answer.once('end', () =>
				resolve({
					status: answer.statusCode ?? 0,
					headers: answer.headers,
					bytes: Buffer.concat(parts)
				})
			);
		});
		asked.once('error', reject);
		asked.end();
	});
}

/** The text of an answer, whatever it was encoded with. */
export function decoded({ headers, bytes }: RawAnswer): string {
	const encoding = headers['content-encoding'];
	if (encoding === 'br') return brotliDecompressSync(bytes).toString();
	return (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}
