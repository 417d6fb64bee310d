import { createContext } from 'svelte';
import type { Toasts } from './toasts.svelte.ts';

/** The page's toasts, handed down from the root layout. */
export const [getToasts, setToasts] = createContext<Toasts>();
