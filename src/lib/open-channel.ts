/** What is used of a line between the tabs of this browser. */
export type Channel = Pick<BroadcastChannel, 'onmessage' | 'postMessage' | 'close'>;

/** A line between the tabs of this browser; undefined: with site data blocked some give none. */
export function tryChannel(name: string): BroadcastChannel | undefined {
	try {
		return new BroadcastChannel(name);
	} catch {
		return undefined;
	}
}

/**
 * A line between the tabs of this browser for those who can do without it. Where there is none, nothing is ever
 * heard on the one they get.
 */
export function openChannel(name: string): Channel {
	return (
		tryChannel(name) ?? { onmessage: null, postMessage: () => undefined, close: () => undefined }
	);
}
