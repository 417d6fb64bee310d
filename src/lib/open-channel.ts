/** What is used of a line between the tabs of this browser. */
export type Channel = Pick<BroadcastChannel, 'onmessage' | 'postMessage' | 'close'>;

/**
 * A line between the tabs of this browser for those who can do without it: with site data blocked the
 * constructor throws in some. Nothing is ever heard on the one they get then.
 */
export function openChannel(name: string): Channel {
	try {
		return new BroadcastChannel(name);
	} catch {
		return { onmessage: null, postMessage: () => undefined, close: () => undefined };
	}
}
