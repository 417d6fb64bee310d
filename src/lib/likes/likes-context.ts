import { createContext } from 'svelte';
import type { Likes } from './likes.svelte.ts';

/** What the viewer likes, the same everywhere on the page; handed down from the root layout. */
export const [getLikes, setLikes] = createContext<Likes>();
