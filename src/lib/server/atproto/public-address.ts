import { BlockList, isIP } from 'node:net';

/** IANA IPv4 special-purpose address registry, with multicast and the reserved rest. */
const SPECIAL_IPV4 = [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.0.2.0', 24],
	['192.88.99.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['198.51.100.0', 24],
	['203.0.113.0', 24],
	['224.0.0.0', 4],
	['240.0.0.0', 4]
] as const;

/** Within global unicast (2000::/3): protocol assignments with Teredo, documentation, 6to4. */
const SPECIAL_IPV6 = [
	['2001::', 23],
	['2001:db8::', 32],
	['2002::', 16],
	['3fff::', 20]
] as const;

const special = new BlockList();
for (const [net, prefix] of SPECIAL_IPV4) special.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of SPECIAL_IPV6) special.addSubnet(net, prefix, 'ipv6');

const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/**
 * Whether an address belongs to the public internet. Of IPv6 only global unicast does, which
 * leaves out every form that carries an IPv4 address within (mapped, compatible, NAT64, 6to4).
 * @param address as `net.isIP` understands it, without brackets
 */
export function isPublicAddress(address: string): boolean {
	const family = isIP(address);
	if (family === 4) return !special.check(address, 'ipv4');
	if (family === 6) return globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
	return false;
}
