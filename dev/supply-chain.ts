/**
 * What the product is made of: where the packages come from, under which licences, a bill of
 * materials (CycloneDX, build/sbom.cdx.json), and what is known against them. Only the last needs a
 * network, and says so when there is none; `--strict` takes that for a fault.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readAudit } from './supply-chain/audit.ts';
import { lockFaults, type LockedPackages } from './supply-chain/lock-faults.ts';
import { say } from './say.ts';

const SBOM_FILE = 'build/sbom.cdx.json';
const AUDIT_LIMIT_MS = 60_000;

function npm(...args: string[]): string {
	const { stdout } = spawnSync('npm', args, {
		encoding: 'utf8',
		maxBuffer: 64 * 1024 * 1024,
		timeout: AUDIT_LIMIT_MS
	});
	return stdout;
}

/** All of them: the tools too (they are marked), as svelte and SvelteKit are built into the product. */
function writeSbom(): number {
	const text = npm('sbom', '--sbom-format', 'cyclonedx', '--package-lock-only');
	const { components } = JSON.parse(text) as { components: unknown[] };
	mkdirSync('build', { recursive: true });
	writeFileSync(SBOM_FILE, text);
	return components.length;
}

const isStrict = process.argv.includes('--strict');
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
	packages: LockedPackages;
};
const faults = lockFaults(packages);
say(`${SBOM_FILE} names ${writeSbom()} components`);
const audit = readAudit(npm('audit', '--package-lock-only', '--json'));
if (audit.state === 'unknown') {
	say(`whether anything is known against them could not be asked: ${audit.reason}`);
	if (isStrict) faults.push('nobody could be asked what is known against the packages');
} else {
	say(`${audit.advisories.length} things are known against them`);
	faults.push(...audit.advisories.filter(({ isGrave }) => isGrave).map(({ says }) => says));
}
for (const fault of faults) say(`✗ ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
