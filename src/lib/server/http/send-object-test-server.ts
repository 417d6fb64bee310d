import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequest, setResponse } from '@sveltejs/kit/node';
import { ObjectNotFound } from '#lib/server/storage/errors.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import { sendObject, type SendableObject } from './send-object.ts';

/**
 * Serves one stored object under every path, through the same bridge between node's and the web's
 * requests that the built application uses. For tests and measurements.
 */
export async function startObjectServer(
	storage: Pick<Storage, 'read' | 'head'>,
	object: SendableObject
): Promise<{ url: string; server: Server; stop: () => Promise<void> }> {
	const answer = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
		const request = await getRequest({ request: incoming, base: 'http://127.0.0.1' });
		const response = await sendObject(request, storage, object).catch((cause: unknown) => {
			const status = cause instanceof ObjectNotFound ? 404 : 500;
			return new Response(String(cause), { status });
		});
		await setResponse(outgoing, response);
	};
	const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port was given');
	const stop = async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	};
	return { url: `http://127.0.0.1:${address.port}/`, server, stop };
}
