import { createContext } from 'svelte';
import type { Uploader } from './uploader.svelte.ts';

/** The page's uploads, handed down from the root layout. */
export const [getUploader, setUploader] = createContext<Uploader>();
