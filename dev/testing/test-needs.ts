import { existsSync } from 'node:fs';
import { canInstallPackages, installCommand, installPackages } from '../apt.ts';
import { findOnPath } from '../ffmpeg.ts';
import type { Lifetime } from '../lifetime.ts';
import { Problem } from '../problem.ts';
import { say } from '../say.ts';

/** Programs the tests run, which are Debian packages of the same name, or of the one in `PACKAGES`. */
const PROGRAMS = [
	'chromium',
	'chromium-headless-shell',
	'ffmpeg',
	'radosgw',
	'ceph-mon',
	'ceph-osd',
	'xmllint',
	'nginx',
	'haproxy',
	'pgbouncer',
	'openssl'
];
const PACKAGES: Record<string, string> = { xmllint: 'libxml2-utils', nginx: 'nginx-light' };

/** The letters of the pictures that pages are compared with. */
const FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf';

const missingPackages = (): string[] => [
	...PROGRAMS.filter((name) => !findOnPath(name) && !existsSync(`/usr/sbin/${name}`)).map(
		(name) => PACKAGES[name] ?? name
	),
	...(existsSync(FONT) ? [] : ['fonts-dejavu-core'])
];

/**
 * Installs what tests and benchmarks need beside the npm packages.
 * @throws Problem naming the one command to run where we may not, or could not
 */
export async function ensureTestNeeds(lifetime: Lifetime): Promise<void> {
	const missing = missingPackages();
	if (missing.length === 0) return;
	if (!canInstallPackages()) {
		throw new Problem(
			`the tests need ${missing.join(', ')}. install what is missing and try again:\n  sudo sh -c '${installCommand(missing)}'`
		);
	}
	say(`installing ${missing.join(', ')} with apt-get (a minute or two)…`);
	const complaint = await installPackages(missing, lifetime);
	const stillMissing = missingPackages();
	if (stillMissing.length === 0) return;
	throw new Problem(
		`${complaint ?? ''}\n${stillMissing.join(', ')} could not be installed. try: ${installCommand(stillMissing)}`
	);
}
