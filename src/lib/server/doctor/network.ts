import { createSafeFetch } from '#lib/server/atproto/safe-fetch.ts';
import type { Config } from '#lib/server/config.ts';
import { fault, type Finding, note, ok, reasonOf } from './finding.ts';

const LIMIT_MS = 8_000;
/** PDSs refuse a proof of a sign-in whose time is further off. */
const CLOCK_LIMIT_MS = 10_000;

/** What the site asks others for: the directory of identities, and its clock beside ours. */
export async function examineNetwork(config: Config): Promise<Finding[]> {
	const { plcUrl, handleResolverUrl } = config.atproto;
	const fetchSafely = createSafeFetch({
		allowInsecureNetwork: config.allowInsecureNetwork,
		timeLimitMs: LIMIT_MS
	});
	const findings: Finding[] = [];
	const others = [
		['ATPROTO_PLC_URL', plcUrl],
		['ATPROTO_HANDLE_RESOLVER_URL', handleResolverUrl]
	] as const;
	for (const [variable, url] of others) {
		if (url === undefined) continue;
		try {
			const askedAt = Date.now();
			const response = await fetchSafely(new URL('/_health', url), { redirect: 'manual' });
			findings.push(ok('network', `${url} answers`));
			const clock = examineDate(response.headers.get('date'), (askedAt + Date.now()) / 2, url);
			if (clock) findings.unshift(clock);
		} catch (cause) {
			findings.push(
				fault(
					'network',
					`${url} does not answer: ${reasonOf(cause)}`,
					`let this machine reach it (names, firewall, proxy), or correct ${variable}`
				)
			);
		}
	}
	return findings;
}

function examineDate(header: string | null, nowMs: number, url: string): Finding | undefined {
	const theirs = Date.parse(header ?? '');
	if (Number.isNaN(theirs)) {
		return note(
			'clock',
			`${url} does not say what time it is`,
			'compare the clock by hand: date -u'
		);
	}
	// the header has whole seconds
	const offMs = nowMs - (theirs + 500);
	if (Math.abs(offMs) <= CLOCK_LIMIT_MS) return undefined;
	const seconds = Math.round(Math.abs(offMs) / 1000);
	return fault(
		'clock',
		`this machine's clock is ${seconds} s ${offMs > 0 ? 'before' : 'behind'} the one of ${url}: nobody can sign in`,
		'let this machine keep time by ntp (timedatectl set-ntp true)'
	);
}
