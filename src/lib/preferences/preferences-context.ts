import { createContext } from 'svelte';
import type { OwnPreferences } from './own-preferences.svelte.ts';

/** What was chosen in the settings, handed down from the root layout. */
export const [getPreferences, setPreferences] = createContext<OwnPreferences>();
