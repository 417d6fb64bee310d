/** Where a site stands on its way to those who listen. Each has a namespace, buckets and a database of its own. */
export type EnvironmentName = 'development' | 'staging' | 'production';

const WORDS: Record<EnvironmentName, readonly string[]> = {
	development: ['dev', 'development', 'local'],
	staging: ['stg', 'stage', 'staging'],
	production: ['prod', 'production', 'prd']
};

/** By the end of the namespace: `fm.plyr.dev`, `fm.plyr.stg`, `fm.plyr`. */
export function environmentOf(namespace: string): EnvironmentName {
	const last = namespace.split('.').at(-1) ?? '';
	if (WORDS.development.includes(last)) return 'development';
	return WORDS.staging.includes(last) ? 'staging' : 'production';
}

/**
 * The environment a name belongs to by what it says itself, as `plyr-audio-stg` does.
 * @returns undefined when it says nothing
 */
export function environmentNamedBy(name: string): EnvironmentName | undefined {
	const parts = name.toLowerCase().split(/[^a-z]+/);
	const names = Object.keys(WORDS) as EnvironmentName[];
	return names.find((one) => WORDS[one].some((word) => parts.includes(word)));
}

/** What of an address says where it belongs: the names of its host but the last, which is anybody's, and of what is there. */
export function nameIn(address: string): string {
	const { hostname, pathname } = new URL(address);
	return [...hostname.split('.').slice(0, -1), pathname].join(' ');
}
