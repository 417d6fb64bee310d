import { isIP } from 'node:net';
import type { RequestEvent } from '@sveltejs/kit';

/**
 * Whom a request comes from, as a key for limits: an IPv4 address, or the /64 of an IPv6 one,
 * which is one household or one server.
 */
export function clientKey(event: RequestEvent): string {
	const { trustedProxyCount } = event.locals.ctx.config;
	const forwarded = event.request.headers.get('x-forwarded-for');
	return addressKey(clientAddress(event.getClientAddress(), forwarded, trustedProxyCount));
}

/**
 * The address of whoever asks. Every proxy adds the address it was reached from at the end of
 * X-Forwarded-For; of that list only what our own proxies wrote is true.
 * @param socketAddress the other end of the connection
 * @param trustedProxyCount 0: the header is anybody's invention
 */
export function clientAddress(
	socketAddress: string,
	forwarded: string | null,
	trustedProxyCount: number
): string {
	if (trustedProxyCount === 0 || forwarded === null) return socketAddress;
	const entry = forwarded.split(',').at(-trustedProxyCount)?.trim() ?? '';
	// with a port, as some proxies write it: 192.0.2.1:4711, [2001:db8::1]:4711
	const address =
		/^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? entry.replace(/^([\d.]+):\d+$/, '$1');
	return isIP(address) === 0 ? socketAddress : address;
}

/** Exported for its test. */
export function addressKey(address: string): string {
	const plain = address.replace(/%.*$/, '').toLowerCase();
	const mapped = /^(?:0*:)*:?ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
	if (mapped !== undefined) return mapped;
	return isIP(plain) === 6 ? `${networkOf(plain)}::/64` : plain;
}

/** The first four groups of an IPv6 address, without leading zeros. */
function networkOf(address: string): string {
	// the last 32 bits may be written as an IPv4 address: they do not matter here, their groups do
	const [head = '', tail] = address.replace(/[\d.]*\.\d+$/, '0:0').split('::');
	const groups = (text: string) => (text === '' ? [] : text.split(':'));
	const before = groups(head);
	const after = tail === undefined ? [] : groups(tail);
	const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
	return [...before, ...zeros, ...after]
		.slice(0, 4)
		.map((group) => parseInt(group, 16).toString(16))
		.join(':');
}
