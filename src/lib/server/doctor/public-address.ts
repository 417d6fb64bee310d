import { lookup } from 'node:dns/promises';
import { z } from 'zod';
import { describeClient } from '#lib/server/atproto/client-metadata.ts';
import { isPublicAddress } from '#lib/server/atproto/public-address.ts';
import type { Config } from '#lib/server/config.ts';
import { fault, type Finding, note, ok, reasonOf } from './finding.ts';

const LIMIT_MS = 8_000;

/** The site as everybody else reaches it: its name, its certificate, itself, and what PDSs read there. */
export async function examinePublicAddress(config: Config): Promise<Finding[]> {
	const part = 'address';
	const { publicUrl } = config;
	const findings: Finding[] = [];
	if (config.isSecure) {
		const named = await examineName(new URL(publicUrl).hostname);
		findings.push(named);
		if (named.state === 'fault') return findings;
	}
	const health = await ask(`${publicUrl}/health`);
	if (typeof health === 'string') {
		findings.push(config.isSecure ? unreachable(publicUrl, health) : notRunning(publicUrl, health));
		return findings;
	}
	if (!health.ok) {
		const says = `${publicUrl}/health answers ${health.status}`;
		return [
			...findings,
			fault(part, says, 'let the proxy before the site pass requests to HOST:PORT')
		];
	}
	findings.push(ok(part, `${publicUrl} answers`));
	if (config.isSecure) findings.push(...(await examineClient(config)));
	return findings;
}

async function examineName(hostname: string): Promise<Finding> {
	try {
		const addresses = await lookup(hostname, { all: true });
		const inside = addresses.filter(({ address }) => !isPublicAddress(address));
		if (inside.length < addresses.length) return ok('address', `${hostname} has a public address`);
		return note(
			'address',
			`${hostname} is ${inside[0]?.address} seen from here, which others do not reach`,
			'if it is so outside as well, correct the A and AAAA records of the name'
		);
	} catch (cause) {
		const says = `${hostname} has no address: ${reasonOf(cause)}`;
		return fault('address', says, 'add an A or AAAA record for the name of PUBLIC_URL');
	}
}

/** What PDSs fetch when somebody signs in must be what this configuration says. */
async function examineClient(config: Config): Promise<Finding[]> {
	const wanted = describeClient(config);
	const url = wanted.client_id ?? '';
	const answer = await ask(url);
	const cure = 'let the proxy pass the path as it is, and restart the site with this configuration';
	if (typeof answer === 'string' || !answer.ok) {
		const why = typeof answer === 'string' ? answer : `it answers ${answer.status}`;
		return [fault('sign-in', `${url} cannot be read: ${why}`, cure)];
	}
	const served = z
		.object({ client_id: z.string(), redirect_uris: z.array(z.string()), scope: z.string() })
		.safeParse(await answer.json().catch(() => undefined));
	const fits =
		served.success &&
		served.data.client_id === url &&
		served.data.scope === wanted.scope &&
		served.data.redirect_uris.join() === wanted.redirect_uris.join();
	if (!fits) return [fault('sign-in', `${url} is not what this configuration says`, cure)];
	const keys = await ask(wanted.jwks_uri ?? '');
	if (typeof keys === 'string' || !keys.ok) {
		return [fault('sign-in', `${wanted.jwks_uri} cannot be read`, cure)];
	}
	return [ok('sign-in', 'pdss can read who this site is')];
}

async function ask(url: string): Promise<Response | string> {
	try {
		return await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(LIMIT_MS) });
	} catch (cause) {
		return reasonOf(cause);
	}
}

const notRunning = (url: string, reason: string): Finding =>
	note('address', `nothing answers at ${url}: ${reason}`, 'start the site, and ask again');

function unreachable(url: string, reason: string): Finding {
	const cure = /CERT|certificate|TLS|SSL|self.signed|altname/i.test(reason)
		? 'let the proxy get a certificate for this name (Caddy does by itself), and look whether it is still valid'
		: 'start the site and the proxy before it, and open the ports 80 and 443';
	return fault('address', `${url} cannot be reached: ${reason}`, cure);
}
