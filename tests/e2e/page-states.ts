import type { Page } from 'playwright';

/** Who looks: nobody; alice, who has published; bob, who has not; carol, who has no profile. */
export type Who = 'nobody' | 'alice' | 'bob' | 'carol';

/** A page in a state. */
export interface PageState {
	/** folder below src/routes of a page, or of an endpoint that answers with one; undefined: it is looked at as another state of a page that is listed */
	route?: string;
	name: string;
	path: string;
	who: readonly Who[];
	/** what it is answered with */
	status?: number;
	/** brings it into the state; again in each window, so that it has to find the page as it is */
	act?: (page: Page) => Promise<void>;
	/** Escape takes the state back before the next window */
	isClosed?: boolean;
	/** only in windows this wide, or narrower */
	maxWidth?: number;
}

/** What the pages are about. */
export interface Shown {
	track: number;
	/** with the longest title there can be, without a place to break it, and without artwork */
	long: number;
	rightToLeft: number;
	explicit: number;
	unlisted: number;
	removed: number;
	/** taken down */
	hidden: number;
	album: string;
	draft: string;
	emptyDraft: string;
	longTag: string;
}

export const BOTH = ['nobody', 'alice'] as const;

/** The pages everybody comes for. */
export const musicPages = (shown: Shown): PageState[] => [
	{ route: '(listen)', name: 'home', path: '/', who: BOTH },
	{ name: 'nothing earlier', path: '/?cursor=0.0', who: BOTH },
	{ name: 'no such cursor', path: '/?cursor=1', who: ['nobody'], status: 422 },
	{
		route: '(listen)/track/[id]',
		name: 'track',
		path: `/track/${shown.track}`,
		who: [...BOTH, 'bob']
	},
	{ name: 'moment of a track', path: `/track/${shown.track}?t=1`, who: ['nobody'] },
	{ name: 'long names, no artwork', path: `/track/${shown.long}`, who: BOTH },
	{ name: 'right-to-left names', path: `/track/${shown.rightToLeft}`, who: BOTH },
	{ name: 'explicit', path: `/track/${shown.explicit}`, who: ['nobody'] },
	{ name: 'unlisted', path: `/track/${shown.unlisted}`, who: BOTH },
	{
		route: '(listen)/track/[id]/likes',
		name: 'likers',
		path: `/track/${shown.track}/likes`,
		who: BOTH
	},
	{ name: 'no likers', path: `/track/${shown.long}/likes`, who: ['nobody'] },
	{
		route: '(listen)/track/[id]/like',
		name: 'like',
		path: `/track/${shown.track}/like`,
		who: BOTH
	},
	{ route: '(listen)/u/[handle]', name: 'artist', path: '/u/alice.test', who: [...BOTH, 'bob'] },
	{ name: 'artist without music', path: '/u/bob.test', who: ['nobody', 'bob'] },
	{
		route: '(listen)/u/[handle]/liked',
		name: 'what an artist likes',
		path: '/u/alice.test/liked',
		who: BOTH
	},
	{
		route: '(listen)/u/[handle]/album/[slug]',
		name: 'album',
		path: `/u/alice.test/album/${shown.album}`,
		who: BOTH
	},
	{ route: '(listen)/tag/[tag]', name: 'tag', path: '/tag/ambient', who: BOTH },
	{ name: 'long tag', path: `/tag/${encodeURIComponent(shown.longTag)}`, who: ['nobody'] },
	{ route: '(listen)/search', name: 'search, empty', path: '/search', who: BOTH },
	{ name: 'search', path: '/search?q=water', who: BOTH },
	{ name: 'search of one kind', path: '/search?q=water&kind=track', who: ['nobody'] },
	{ name: 'search without results', path: `/search?q=${'z'.repeat(200)}`, who: ['nobody'] }
];

/** What is not about music. */
export const otherPages = (): PageState[] => [
	{ route: '(listen)/about', name: 'about', path: '/about', who: BOTH },
	{ route: '(listen)/terms', name: 'terms', path: '/terms', who: BOTH },
	{ route: '(listen)/privacy', name: 'privacy', path: '/privacy', who: BOTH },
	{ route: '(listen)/costs', name: 'costs', path: '/costs', who: BOTH },
	{
		route: '(listen)/docs/api',
		name: 'description of the api',
		path: '/docs/api',
		who: ['nobody']
	},
	{ route: '(listen)/offline', name: 'offline', path: '/offline', who: BOTH },
	{ route: '(listen)/settings', name: 'settings', path: '/settings', who: BOTH },
	{ route: 'login', name: 'login', path: '/login', who: ['nobody'] }
];

/** For who is signed in. */
export const memberPages = (shown: Shown): PageState[] => [
	{ route: '(member)/liked', name: 'liked', path: '/liked', who: ['alice', 'bob'] },
	{ route: '(member)/portal', name: 'portal', path: '/portal', who: ['alice', 'bob'] },
	{
		route: '(member)/portal/albums/new',
		name: 'new album',
		path: '/portal/albums/new',
		who: ['alice']
	},
	{
		route: '(member)/portal/catalogue',
		name: 'catalogue',
		path: '/portal/catalogue',
		who: ['alice', 'bob']
	},
	{ route: '(member)/portal/plays', name: 'plays', path: '/portal/plays', who: ['alice', 'bob'] },
	{
		route: '(member)/portal/profile',
		name: 'profile',
		path: '/portal/profile',
		who: ['alice', 'bob']
	},
	{
		route: '(member)/profile/setup',
		name: 'first profile',
		path: '/profile/setup',
		who: ['carol']
	},
	{
		route: '(member)/settings/[section]',
		name: 'sign-ins',
		path: '/settings/sign-ins',
		who: ['alice', 'carol']
	},
	{
		name: 'tokens',
		path: '/settings/tokens',
		who: ['alice', 'carol']
	},
	{
		name: 'export',
		path: '/settings/export',
		who: ['alice', 'carol']
	},
	{
		name: 'delete the account',
		path: '/settings/delete-account',
		who: ['alice', 'carol']
	},
	{ name: 'liked without a profile', path: '/liked', who: ['carol'] },
	{
		route: '(member)/track/[id]/edit',
		name: 'edit a track',
		path: `/track/${shown.track}/edit`,
		who: ['alice']
	},
	{ name: 'edit a long one', path: `/track/${shown.long}/edit`, who: ['alice'] },
	{
		route: '(member)/track/[id]/delete',
		name: 'delete a track',
		path: `/track/${shown.long}/delete`,
		who: ['alice']
	},
	{
		route: '(member)/track/[id]/replace',
		name: 'replace audio',
		path: `/track/${shown.track}/replace`,
		who: ['alice']
	},
	{
		route: '(member)/u/[handle]/album/[slug]/edit',
		name: 'edit an album',
		path: `/u/alice.test/album/${shown.album}/edit`,
		who: ['alice']
	},
	{ route: '(member)/upload', name: 'upload', path: '/upload', who: ['alice', 'bob'] },
	{
		route: '(member)/upload/[release_id]',
		name: 'draft',
		path: `/upload/${shown.draft}`,
		who: ['alice']
	},
	{ name: 'empty draft', path: `/upload/${shown.emptyDraft}`, who: ['alice'] },
	// her grant is taken away by then
	{
		route: 'auth/permission',
		name: 'one more permission',
		path: '/auth/permission',
		who: ['carol']
	}
];

/** What people report, and what whoever runs the site sees: alice. */
export const operatorPages = (shown: Shown): PageState[] => [
	{
		route: '(listen)/report',
		name: 'report',
		path: `/report?track=${shown.long}`,
		who: BOTH
	},
	{ name: 'reported', path: `/report?track=${shown.long}&thanks=new`, who: ['nobody'] },
	{
		route: '(member)/portal/takedowns',
		name: 'own takedowns',
		path: '/portal/takedowns',
		who: ['alice', 'bob']
	},
	...['', '/reports', '/takedowns', '/jobs', '/uploads', '/log'].map((page) => ({
		...(page === '' ? { route: '(operator)/admin/[[section]]' } : {}),
		name: `admin${page}`,
		path: `/admin${page}`,
		who: ['alice'] as const
	})),
	{ name: 'failed jobs', path: '/admin/jobs?queue=deliveries&state=failed', who: ['alice'] }
];

/** Players, which stand in pages of others. */
export const embeddedPages = (shown: Shown): PageState[] => [
	{
		route: 'embed/track/[id]',
		name: 'embedded track',
		path: `/embed/track/${shown.track}`,
		who: BOTH
	},
	{ name: 'embedded long names', path: `/embed/track/${shown.long}`, who: ['nobody'] },
	{
		name: 'embedded right-to-left names',
		path: `/embed/track/${shown.rightToLeft}`,
		who: ['nobody']
	},
	{
		name: 'embedded track, compact',
		path: `/embed/track/${shown.long}?compact=1`,
		who: ['nobody']
	},
	{
		route: 'embed/album/[handle]/[slug]',
		name: 'embedded album',
		path: `/embed/album/alice.test/${shown.album}`,
		who: ['nobody']
	},
	{
		route: 'embed/artist/[handle]',
		name: 'embedded artist',
		path: '/embed/artist/alice.test',
		who: ['nobody']
	},
	{ name: 'embedded artist without music', path: '/embed/artist/bob.test', who: ['nobody'] },
	{
		route: 'embed/[...rest]',
		name: 'nothing embedded',
		path: '/embed/nothing',
		who: ['nobody'],
		status: 404
	},
	{
		name: 'removed track, embedded',
		path: `/embed/track/${shown.removed}`,
		who: ['nobody'],
		status: 410
	}
];

/** Where there is nothing to be seen. */
export const errorPages = (shown: Shown): PageState[] => [
	{ name: 'no such page', path: '/no/such/page', who: BOTH, status: 404 },
	{ name: 'no such track', path: '/track/999999', who: ['nobody'], status: 404 },
	{ name: 'nobody of this name', path: '/u/nobody.test', who: ['nobody'], status: 404 },
	{
		route: '(listen)/at/[...uri]',
		name: 'no such record',
		path: '/at/did:plc:a/b.c.d/e',
		who: ['nobody'],
		status: 404
	},
	{ name: 'no such album', path: '/u/alice.test/album/none', who: ['nobody'], status: 404 },
	{ name: 'no such tag', path: '/tag/none', who: ['nobody'], status: 404 },
	{ name: 'likes of nobody', path: '/u/nobody.test/liked', who: ['nobody'], status: 404 },
	{ name: 'no such draft', path: '/upload/none', who: ['alice'], status: 404 },
	{ name: 'removed track', path: `/track/${shown.removed}`, who: BOTH, status: 410 },
	{ name: 'hidden track', path: `/track/${shown.hidden}`, who: BOTH, status: 451 },
	{ name: 'nothing for others', path: '/admin', who: ['nobody', 'bob'], status: 404 },
	{ name: 'somebody else’s track', path: `/track/${shown.track}/edit`, who: ['bob'], status: 403 }
];
