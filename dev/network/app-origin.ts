/**
 * Lets the PDS in this process fetch the client metadata of an app that is reachable only on
 * loopback under the https origin it will have: a confidential client may not live on 127.0.0.1.
 * `mapping` reads "https://plyr.internal=http://127.0.0.1:3101".
 */
export function serveOriginFromLoopback(mapping: string): void {
	const [origin, upstream] = mapping.split('=');
	if (!origin?.startsWith('https://') || !upstream?.startsWith('http://')) {
		throw new Error(`"${mapping}" does not read like https://plyr.internal=http://127.0.0.1:3101`);
	}
	const fetchAnything = globalThis.fetch;
	globalThis.fetch = (input, init) => {
		const url = input instanceof Request ? input.url : String(input);
		if (!url.startsWith(`${origin}/`)) return fetchAnything(input, init);
		return fetchAnything(upstream + url.slice(origin.length), {
			headers: { accept: 'application/json' },
			redirect: 'error',
			signal: init?.signal ?? AbortSignal.timeout(10_000)
		});
	};
}
