/**
 * Of the ports that programs other than web servers listen on, those above 1023: what browsers
 * refuse (https://fetch.spec.whatwg.org/#port-blocking), then databases, caches and control planes.
 * Whoever chooses an address could otherwise have us speak to a neighbour of theirs that trusts it.
 */
const OTHERS = new Set([
	...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668],
	...[6669, 6679, 6697, 10080],
	...[1433, 1521, 2375, 2376, 2379, 2380, 3306, 5432, 5672, 6379, 6432, 6443, 9042, 9092, 9200],
	...[9300, 10250, 11211, 27017]
]);

/**
 * Whether a stranger's web server may listen there.
 * @param port as `URL` has it: '' for the one of https
 */
export function isWebPort(port: string): boolean {
	const number = port === '' ? 443 : Number(port);
	return number === 443 || (number > 1023 && !OTHERS.has(number));
}
