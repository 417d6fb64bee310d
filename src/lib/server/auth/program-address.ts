const LONGEST = 500;

/**
 * The address a program on the person's own machine listens at while they sign in with a browser.
 * Only a literal loopback address with a port: RFC 8252 §7.3, and §8.3 for why not `localhost`.
 * @returns undefined for anything else
 */
export function parseProgramAddress(value: string): URL | undefined {
	if (value.length > LONGEST || !URL.canParse(value)) return undefined;
	const url = new URL(value);
	const isLoopback = url.hostname === '127.0.0.1' || url.hostname === '[::1]';
	if (url.protocol !== 'http:' || !isLoopback || url.port === '') return undefined;
	if (url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
	return url;
}
