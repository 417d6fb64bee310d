/** What the addresses of the routes are made of. */
export interface Published {
	id: number;
	did: string;
	/** at:// address of the track's record */
	uri: string;
	album: string;
	file: string;
	image: string;
	release: string;
}

/** What a browser does with an answer, which decides the rules it gets. */
export type Kind =
	| 'page'
	/** nothing that is shown: json, text, xml, redirects, refusals */
	| 'closed'
	/** audio and pictures, and whatever is said at their addresses */
	| 'media'
	/** a player within pages of others */
	| 'embed';

/** One request and how it is answered. Of every route there is one at least. */
export interface Asked {
	/** folder below src/routes */
	route: string;
	path: string;
	kind: Kind;
	status: number;
	/** alice has published; without her nobody is signed in */
	as?: 'alice';
	method?: string;
	/** others may show it within theirs, though it is neither media nor a player */
	isForOthers?: boolean;
}

const page = (route: string, path: string, more: Partial<Asked> = {}): Asked => ({
	...{ route, path, kind: 'page', status: 200 },
	...more
});
const closed = (route: string, path: string, more: Partial<Asked> = {}): Asked => ({
	...{ route, path, kind: 'closed', status: 200 },
	...more
});
const alice = { as: 'alice' } as const;
/** Only what changes something: reading is not possible. */
const changes = { status: 405 };

function pagesOf({ id, uri, release }: Published): Asked[] {
	const u = '(listen)/u/[handle]';
	return [
		page('(listen)', '/'),
		page('(listen)/about', '/about'),
		closed('(listen)/at/[...uri]', `/at/${uri.replace('at://', '')}`, { status: 303 }),
		page('(listen)/at/[...uri]', '/at/nothing', { status: 404 }),
		page('(listen)/costs', '/costs'),
		page('(listen)/docs/api', '/docs/api'),
		page('(listen)/offline', '/offline'),
		page('(listen)/privacy', '/privacy'),
		page('(listen)/report', `/report?track=${id}`),
		page('(listen)/search', '/search?q=tone'),
		page('(listen)/settings', '/settings'),
		page('(listen)/tag/[tag]', '/tag/drone'),
		page('(listen)/terms', '/terms'),
		page('(listen)/track/[id]', `/track/${id}`),
		page('(listen)/track/[id]', '/track/999999', { status: 404 }),
		page('(listen)/track/[id]/like', `/track/${id}/like`, { ...alice, status: 200 }),
		page('(listen)/track/[id]/likes', `/track/${id}/likes`),
		page(u, '/u/alice.test'),
		page(u, '/u/nobody.test', { status: 404 }),
		page(`${u}/album/[slug]`, '/u/alice.test/album/an-album'),
		page(`${u}/liked`, '/u/alice.test/liked', alice),
		page('(member)/liked', '/liked', alice),
		closed('(member)/liked', '/liked', { status: 303 }),
		page('(member)/portal', '/portal', alice),
		page('(member)/portal/albums/new', '/portal/albums/new', alice),
		page('(member)/portal/catalogue', '/portal/catalogue', alice),
		page('(member)/portal/plays', '/portal/plays', alice),
		page('(member)/portal/profile', '/portal/profile', alice),
		page('(member)/portal/takedowns', '/portal/takedowns', alice),
		// she does not run it
		...['', '/jobs', '/log', '/reports', '/takedowns', '/uploads'].map((one) =>
			page('(operator)/admin/[[section]]', `/admin${one}`, { ...alice, status: 404 })
		),
		page('(member)/settings/[section]', '/settings/sign-ins', alice),
		page('(member)/settings/[section]', '/settings/tokens', alice),
		page('(member)/settings/[section]', '/settings/export', alice),
		closed('(member)/settings/export/everything', '/settings/export/everything', changes),
		page('(member)/settings/[section]', '/settings/delete-account', alice),
		page('(member)/profile/setup', '/profile/setup', { ...alice, status: 303, kind: 'closed' }),
		page('(member)/track/[id]/delete', `/track/${id}/delete`, alice),
		page('(member)/track/[id]/edit', `/track/${id}/edit`, alice),
		page('(member)/track/[id]/replace', `/track/${id}/replace`, alice),
		page('(member)/u/[handle]/album/[slug]/edit', '/u/alice.test/album/an-album/edit', alice),
		page('(member)/upload', '/upload', alice),
		page('(member)/upload/[release_id]', `/upload/${release}`, alice),
		page('auth/permission', '/auth/permission', { ...alice, status: 303, kind: 'closed' }),
		page('login', '/login')
	];
}

function endpointsOf({ id }: Published): Asked[] {
	const u = '(listen)/u/[handle]';
	return [
		closed('(listen)/feed.[ending]', '/feed.xml'),
		closed('(listen)/tag/[tag]/feed.[ending]', '/tag/drone/feed.xml'),
		closed(`${u}/feed.[ending]`, '/u/alice.test/feed.atom'),
		closed(`${u}/album/[slug]/feed.[ending]`, '/u/alice.test/album/an-album/feed.xml'),
		closed('(listen)/track/[id]/download', `/track/${id}/download`, { status: 303 }),
		closed('(member)/portal/plays.csv', '/portal/plays.csv', alice),
		closed('(member)/profile/setup/avatar', '/profile/setup/avatar', { ...alice, status: 404 }),
		closed('(member)/track/[id]/restore/[revision_id]', `/track/${id}/restore/1`, changes),
		closed(
			'(member)/u/[handle]/album/[slug]/edit/cover',
			'/u/alice.test/album/an-album/edit/cover',
			changes
		),
		closed('[x+2e]well-known/jwks.json', '/.well-known/jwks.json'),
		closed('client-metadata.json', '/client-metadata.json'),
		closed('auth/callback', '/auth/callback?code=x&state=y', { status: 303 }),
		closed('auth/logout', '/auth/logout', changes),
		closed('auth/start', '/auth/start?handle=nobody.invalid', { status: 303 }),
		closed('health', '/health'),
		closed('metrics', '/metrics'),
		closed('ready', '/ready'),
		closed('oembed', `/oembed?url=nothing`, { status: 404, isForOthers: true }),
		closed('robots.txt', '/robots.txt'),
		closed('sitemap-[kind]-[page].xml', '/sitemap-tracks-1.xml'),
		closed('sitemap.xml', '/sitemap.xml')
	];
}

function mediaOf({ id, did, album, file, image }: Published): Asked[] {
	const media = (route: string, path: string, more: Partial<Asked> = {}): Asked => ({
		...{ route, path, kind: 'media', status: 200 },
		...more
	});
	const said = { kind: 'closed', isForOthers: true } as const;
	const embed = (route: string, path: string, status = 200): Asked => ({
		...{ route, path, kind: 'embed', status }
	});
	return [
		media('audio/[file_id]', `/audio/${file}`),
		media('audio/[file_id]', '/audio/0123456789abcdef', { ...said, status: 404 }),
		media('audio/[file_id]/peaks', `/audio/${file}/peaks`, said),
		media('images/[image_id]', `/images/${image}?size=96`),
		media('images/[image_id]', '/images/nothing', { ...said, status: 404 }),
		media('og/album/[id].jpg', `/og/album/${album}.jpg`),
		media('og/artist/[did].jpg', `/og/artist/${did}.jpg`),
		media('og/track/[id].jpg', `/og/track/${id}.jpg`),
		media('og/track/[id].jpg', '/og/track/999999.jpg', { ...said, status: 404 }),
		media('api/audio/[file_id]', `/api/audio/${file}`),
		embed('embed/[...rest]', '/embed/nothing', 404),
		embed('embed/album/[handle]/[slug]', '/embed/album/alice.test/an-album'),
		embed('embed/artist/[handle]', '/embed/artist/alice.test'),
		embed('embed/track/[id]', `/embed/track/${id}`),
		embed('embed/track/[id]', '/embed/track/999999', 404)
	];
}

function apiOf({ id, did, album, release }: Published): Asked[] {
	const api = (route: string, path: string, more: Partial<Asked> = {}) =>
		closed(`api/${route}`, `/api/${path}`, more);
	const t = 'tracks/[id]';
	return [
		api('albums', 'albums'),
		api('albums/[album]', 'albums/alice.test'),
		api('albums/[album]/[slug]', 'albums/alice.test/an-album'),
		api('albums/[album]/cover', `albums/${album}/cover`, { status: 404 }),
		api('artists', 'artists', changes),
		api('artists/[did]', `artists/${did}`),
		api('artists/[did]/analytics', `artists/${did}/analytics`),
		api('artists/by-handle/[handle]', 'artists/by-handle/alice.test'),
		api('artists/me', 'artists/me', alice),
		api('artists/me/analytics', 'artists/me/analytics', alice),
		api('auth/exchange', 'auth/exchange', changes),
		api('client-errors', 'client-errors', changes),
		api('auth/logout', 'auth/logout', changes),
		api('auth/me', 'auth/me', { status: 401 }),
		api('auth/start', 'auth/start', { status: 307 }),
		api('catalogue', 'catalogue', alice),
		api('catalogue/check', 'catalogue/check', changes),
		api('config', 'config'),
		api('health', 'health'),
		api('images', 'images', changes),
		api('openapi.json', 'openapi.json'),
		api('preferences', 'preferences', alice),
		api('queue', 'queue', alice),
		api('queue/events', 'queue/events', { status: 401 }),
		api('queue/events', 'queue/events', alice),
		api('queue/playhead', 'queue/playhead', changes),
		api('releases', 'releases', alice),
		api('releases/[id]', `releases/${release}`, alice),
		api('releases/[id]/publish', `releases/${release}/publish`, changes),
		api('search', 'search?q=tone'),
		api('search/handles', 'search/handles?q=alice'),
		api('tags', 'tags?q=d'),
		api('tracks', 'tracks'),
		api(t, `tracks/${id}`),
		api(t, 'tracks/999999', { status: 404 }),
		api(`${t}/like`, `tracks/${id}/like`, changes),
		api(`${t}/likes`, `tracks/${id}/likes`),
		api(`${t}/play`, `tracks/${id}/play`, { ...changes, isForOthers: true }),
		api(`${t}/play`, `tracks/${id}/play`, { method: 'POST', isForOthers: true }),
		api(`${t}/restore-record`, `tracks/${id}/restore-record`, changes),
		api(`${t}/revisions`, `tracks/${id}/revisions`, alice),
		api(`${t}/revisions/[revision_id]/restore`, `tracks/${id}/revisions/1/restore`, changes),
		api('tracks/liked', 'tracks/liked', alice),
		api('tracks/likes/batch', 'tracks/likes/batch', changes),
		api('tracks/me', 'tracks/me', alice),
		api('tracks/me/broken', 'tracks/me/broken', alice),
		api('tracks/uploads', 'tracks/uploads', alice),
		api('tracks/uploads/[id]', 'tracks/uploads/nothing', { ...alice, status: 404 }),
		api('tracks/uploads/[id]/progress', 'tracks/uploads/nothing/progress', {
			...alice,
			status: 404
		}),
		api('tracks/uploads/[id]/retry', 'tracks/uploads/1/retry', changes),
		api('uploads/events', 'uploads/events', { status: 401 }),
		api('uploads/tus/[...id]', 'uploads/tus', { method: 'OPTIONS', status: 204 })
	];
}

/** Every route, with what is asked of it. */
export const everyRoute = (published: Published): Asked[] => [
	...pagesOf(published),
	...endpointsOf(published),
	...mediaOf(published),
	...apiOf(published)
];
