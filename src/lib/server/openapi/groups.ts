import { albums } from './groups/albums.ts';
import { likes } from './groups/likes.ts';
import { catalogue, preferences, queue } from './groups/own-things.ts';
import { artists } from './groups/people.ts';
import { releases } from './groups/releases.ts';
import { search } from './groups/search.ts';
import { signIn } from './groups/sign-in.ts';
import { site } from './groups/site.ts';
import { tracks } from './groups/tracks.ts';
import { uploads } from './groups/uploads.ts';
import type { Group } from './operation.ts';

/** Everything under /api, in the order it is read. */
export const GROUPS: readonly Group[] = [
	tracks,
	likes,
	albums,
	artists,
	search,
	signIn,
	uploads,
	releases,
	catalogue,
	queue,
	preferences,
	site
];
