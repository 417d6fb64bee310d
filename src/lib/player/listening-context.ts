import { createContext } from 'svelte';
import type { Listening } from './listening.svelte.ts';

/** What this page listens to and what comes next, handed down from the root layout. */
export const [getListening, setListening] = createContext<Listening>();
