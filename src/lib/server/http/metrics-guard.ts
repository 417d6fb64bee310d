import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import type { RequestEvent } from '@sveltejs/kit';
import { DomainError, forbidden } from '#lib/server/errors.ts';
import { clientAddress } from './client-address.ts';

/** What proxies write. Without one of ours, a request that has it came through one that nobody named. */
const FORWARDING = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'];

/**
 * Lets only those read the numbers of this process who bring its token; where there is none, only this
 * machine itself.
 * @throws DomainError 401 `metrics_token_needed`, 403 `metrics_local_only`
 */
export function requireMetricsReader(event: RequestEvent): void {
	const { metricsToken, trustedProxyCount } = event.locals.ctx.config;
	const { headers } = event.request;
	if (metricsToken !== undefined) {
		const sent = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? '';
		if (isSame(sent, metricsToken)) return;
		throw new DomainError(401, 'metrics_token_needed', 'send METRICS_TOKEN as a bearer token');
	}
	const isPassedOn = FORWARDING.some((name) => headers.has(name));
	const isUnnamedProxy = trustedProxyCount === 0 && isPassedOn;
	const forwarded = headers.get('x-forwarded-for');
	const address = clientAddress(event.getClientAddress(), forwarded, trustedProxyCount);
	if (!isUnnamedProxy && isThisMachine(address)) return;
	throw forbidden('metrics_local_only', 'set METRICS_TOKEN to read this from another machine');
}

const digestOf = (text: string) => createHash('sha256').update(text).digest();

/** Takes the same time whatever was sent. */
const isSame = (sent: string, wanted: string): boolean =>
	timingSafeEqual(digestOf(sent), digestOf(wanted));

const thisMachine = new BlockList();
thisMachine.addSubnet('127.0.0.0', 8, 'ipv4');
thisMachine.addAddress('::1', 'ipv6');

/** Exported for its test. */
export function isThisMachine(address: string): boolean {
	const version = isIP(address);
	return version !== 0 && thisMachine.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
