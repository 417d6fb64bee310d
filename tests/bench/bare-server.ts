/** Serves a built SvelteKit site from the folder it is given, and nothing besides. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const file = path.join(process.argv[2] ?? '', 'build', 'handler.js');
const { handler } = (await import(pathToFileURL(file).href)) as { handler: RequestListener };
const server = createServer(handler);
server.listen(0, '127.0.0.1', () => {
	process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.resume().once('end', () => process.exit(0));
