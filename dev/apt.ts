import { existsSync } from 'node:fs';
import type { Lifetime } from './lifetime.ts';
import { runTied } from './run/run-tied.mjs';

const INSTALL = ['install', '-y', '--no-install-recommends'];

/** Whether we may add packages to this system: root, on Debian or one of its children. */
export const canInstallPackages = (): boolean =>
	process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

/** What a person would type to install them. */
export const installCommand = (names: readonly string[]): string =>
	`apt-get update && apt-get ${INSTALL.join(' ')} ${names.join(' ')}`;

async function runApt(args: string[], lifetime: Lifetime) {
	const apt = runTied('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
		...process.env,
		DEBIAN_FRONTEND: 'noninteractive'
	});
	lifetime.onEnd(() => apt.stop());
	return apt.done;
}

/** Installs Debian packages; returns what apt-get complained about when it could not. */
export async function installPackages(
	names: readonly string[],
	lifetime: Lifetime
): Promise<string | undefined> {
	await runApt(['update'], lifetime);
	const { succeeded, output } = await runApt([...INSTALL, ...names], lifetime);
	return succeeded ? undefined : output;
}
