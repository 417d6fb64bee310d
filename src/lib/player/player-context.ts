import { createContext } from 'svelte';
import type { Player } from './player.svelte.ts';

/** The page's one player, handed down from the root layout. */
export const [getPlayer, setPlayer] = createContext<Player>();
