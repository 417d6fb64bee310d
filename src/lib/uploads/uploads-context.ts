import { createContext } from 'svelte';
import type { UploadsInTab } from './uploads-in-tab.svelte.ts';

/** The page's uploads, handed down from the root layout. */
export const [getUploads, setUploads] = createContext<UploadsInTab>();
