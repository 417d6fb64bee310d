import IslandInBrowser from './IslandInBrowser.svelte';

/** Shows an island. What renders it on the server is no part of what browsers load. */
export const ShownIsland: typeof IslandInBrowser = import.meta.env.SSR
	? (await import('./IslandOnServer.svelte')).default
	: IslandInBrowser;
