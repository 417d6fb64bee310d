import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site of somebody else, at another name than the product. */
export interface OtherSite {
	/** its only page */
	url: string;
	close(): Promise<void>;
}

/** Starts a site whose only page has this body. */
export async function startOtherSite(body: string): Promise<OtherSite> {
	const html = `<!doctype html><html lang="en"><title>a blog</title><body>${body}</body></html>`;
	const server = createServer((_, response) => {
		response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
	});
	server.listen(0, 'localhost');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://localhost:${port}/`,
		close: async () => {
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		}
	};
}
