/** A bare Node server that writes every body to a file and removes it: what to compare with. */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

const folder = process.argv[2] ?? '';
let count = 0;

const server = createServer((request, response) => {
	const file = path.join(folder, `sink-${count++}`);
	pipeline(request, createWriteStream(file))
		.then(() => rm(file))
		.then(
			() => response.end(),
			(cause: unknown) => response.destroy(cause as Error)
		);
});
server.listen(0, '127.0.0.1', () => {
	process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.resume().once('end', () => process.exit(0));
