import { createContext } from 'svelte';
import type { KeptMusic } from './kept-music.svelte.ts';

/** The music that is kept in this browser, handed down from the root layout. */
export const [getKeptMusic, setKeptMusic] = createContext<KeptMusic>();
