import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runPlyr } from '../../src/cli/run-plyr.ts';
import { openProductDatabase } from '../e2e/product-database.ts';
import { didOf } from '../did-of.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack, sendJson } from './published-music.ts';
import { locationOf, Visitor } from './visitor.ts';

const TITLE = 'sunken bells';
const OTHER = 'clear water';
const TAG = 'bathysphere';
/** As `becomeArtist` calls her. */
const ALICE = 'The alice & <friends>';
const REASON = 'somebody else wrote it, and says so';

/** Where everybody reads, and music may be; each with what is looked at there. */
type Walk = Record<string, (music: Music) => string[]>;

interface Music {
	id: number;
	other: number;
	did: string;
	slug: string;
	albumId: string;
	fileId: string;
	smallerId: string | null;
	imageId: string;
	uri: string;
	site: string;
}

const feeds = (place: string) => [`${place}/feed.xml`, `${place}/feed.atom`];
const oembed = ({ site }: Music, page: string) =>
	`/oembed?url=${encodeURIComponent(site + page)}&format=json`;
const album = ({ slug }: Music) => `/u/alice.test/album/${slug}`;

const WALK: Walk = {
	'(listen)': () => ['/'],
	'(listen)/feed.[ending]': () => ['/feed.xml', '/feed.atom'],
	'(listen)/at/[...uri]': ({ uri, did }) => [`/at/${uri}`, `/at/${did}`],
	'(listen)/search': () => [`/search?q=${TITLE}`, `/search?q=${TAG}`, '/search?q=alice'],
	'(listen)/report': ({ id, did }) => [`/report?track=${id}`, `/report?artist=${did}`],
	'(listen)/tag/[tag]': () => [`/tag/${TAG}`],
	'(listen)/tag/[tag]/feed.[ending]': () => feeds(`/tag/${TAG}`),
	'(listen)/track/[id]': ({ id, other }) => [`/track/${id}`, `/track/${other}`],
	'(listen)/track/[id]/download': ({ id }) => [`/track/${id}/download`],
	'(listen)/track/[id]/like': ({ id }) => [`/track/${id}/like`],
	'(listen)/track/[id]/likes': ({ id, other }) => [`/track/${id}/likes`, `/track/${other}/likes`],
	'(listen)/u/[handle]': ({ did }) => ['/u/alice.test', `/u/${did}`, '/u/bob.test'],
	'(listen)/u/[handle]/feed.[ending]': () => feeds('/u/alice.test'),
	'(listen)/u/[handle]/album/[slug]': (music) => [album(music)],
	'(listen)/u/[handle]/album/[slug]/feed.[ending]': (music) => feeds(album(music)),
	'(listen)/u/[handle]/liked': () => ['/u/alice.test/liked', '/u/bob.test/liked'],
	'api/albums': () => ['/api/albums/'],
	'api/albums/[album]': ({ albumId }) => ['/api/albums/alice.test', `/api/albums/${albumId}`],
	// an album may be called so
	'api/albums/[album]/cover': () => ['/api/albums/alice.test/cover'],
	'api/albums/[album]/[slug]': ({ slug }) => [`/api/albums/alice.test/${slug}`],
	'api/artists/[did]': ({ did }) => [`/api/artists/${did}`],
	'api/artists/[did]/analytics': ({ did }) => [`/api/artists/${did}/analytics`],
	'api/artists/by-handle/[handle]': () => ['/api/artists/by-handle/alice.test'],
	'api/audio/[file_id]': ({ fileId }) => [`/api/audio/${fileId}`],
	'api/search': () => [`/api/search/?q=${TITLE}`, `/api/search/?q=${TAG}`, '/api/search/?q=alice'],
	'api/search/handles': () => ['/api/search/handles?q=alice'],
	'api/tags': () => [`/api/tags?q=${TAG.slice(0, 4)}`],
	'api/tracks': ({ id, did }) => [
		'/api/tracks/',
		`/api/tracks/?artist_did=${did}`,
		`/api/tracks/?ids=${id}`
	],
	'api/tracks/[id]': ({ id }) => [`/api/tracks/${id}`],
	'api/tracks/[id]/likes': ({ id, other }) => [
		`/api/tracks/${id}/likes`,
		`/api/tracks/${other}/likes`
	],
	'audio/[file_id]': ({ fileId, smallerId }) => [
		`/audio/${fileId}`,
		...(smallerId === null ? [] : [`/audio/${smallerId}`])
	],
	'audio/[file_id]/peaks': ({ fileId }) => [`/audio/${fileId}/peaks`],
	'embed/album/[handle]/[slug]': ({ slug }) => [`/embed/album/alice.test/${slug}`],
	'embed/artist/[handle]': () => ['/embed/artist/alice.test'],
	'embed/track/[id]': ({ id }) => [`/embed/track/${id}`],
	'images/[image_id]': ({ imageId }) => [
		`/images/${imageId}`,
		`/images/${imageId}?size=320&format=jpeg`
	],
	oembed: (music) => [
		oembed(music, `/track/${music.id}`),
		oembed(music, '/u/alice.test'),
		oembed(music, album(music))
	],
	'og/album/[id].jpg': ({ albumId }) => [`/og/album/${albumId}.jpg`],
	'og/artist/[did].jpg': ({ did }) => [`/og/artist/${did}.jpg`],
	'og/track/[id].jpg': ({ id }) => [`/og/track/${id}.jpg`],
	'sitemap-[kind]-[page].xml': () =>
		['tracks', 'albums', 'artists', 'tags'].map((kind) => `/sitemap-${kind}-1.xml`),
	'sitemap.xml': () => ['/sitemap.xml']
};

/** Nobody's music is there, or only one's own. */
const WITHOUT_MUSIC = new Set([
	...['about', 'costs', 'docs/api', 'offline', 'privacy', 'settings', 'terms'].map(
		(name) => `(listen)/${name}`
	),
	...[
		'.well-known/jwks.json',
		'client-metadata.json',
		'health',
		'metrics',
		'ready',
		'robots.txt',
		'login'
	],
	...['auth/callback', 'auth/permission', 'auth/start', 'embed/[...rest]'],
	...['config', 'health', 'openapi.json', 'preferences', 'auth/me', 'auth/start'].map(
		(name) => `api/${name}`
	),
	...['queue', 'queue/events', 'uploads/events'].map((name) => `api/${name}`),
	...['artists/me', 'artists/me/analytics', 'catalogue', 'releases', 'releases/[id]'].map(
		(name) => `api/${name}`
	),
	...['me', 'me/broken', 'liked', 'uploads', 'uploads/[id]', 'uploads/[id]/progress'].map(
		(name) => `api/tracks/${name}`
	),
	'api/tracks/[id]/revisions'
]);

/** Every address anybody may read something at. */
function readRoutes(): string[] {
	const routes = path.resolve('src/routes');
	const files = readdirSync(routes, { recursive: true, encoding: 'utf8' });
	const isRead = (name: string) =>
		name.endsWith('+page.svelte') ||
		(name.endsWith('+server.ts') &&
			/export (?:const|\{) (?:GET\b|\{ GET)|export \{ GET/.test(
				readFileSync(path.join(routes, name), 'utf8')
			));
	const folders = files
		.filter((name) => !/^\((?:member|operator)\)/.test(name) && isRead(name))
		.map((name) => path.dirname(name).replace('[x+2e]', '.'));
	return [...new Set(folders)].sort();
}

describe('what is taken down', { timeout: 240_000 }, () => {
	let site: LocalSite;
	let music: Music;
	let alice: Visitor;
	let bob: Visitor;
	let operator: Visitor;

	before(async () => {
		site = await startLocalSite((network) => ({ ADMIN_DIDS: didOf(network, 'bob') }));
		alice = await becomeArtist(site.url, 'alice');
		bob = await becomeArtist(site.url, 'bob');
		operator = bob;
		const id = await publishTrack(alice, { title: TITLE, album: 'Deep' });
		const other = await publishTrack(bob, { title: OTHER }, 1500);
		await sendJson(alice, 'PATCH', `/api/tracks/${id}`, { tags: [TAG] });
		for (const [who, what] of [
			[bob, id],
			[alice, other]
		] as const) {
			assert.equal((await sendJson(who, 'POST', `/api/tracks/${what}/like`, {})).status, 200);
		}
		const { atproto_record_uri: uri, ...track } = (await json(`/api/tracks/${id}`)) as {
			atproto_record_uri: string;
			artist_did: string;
			file_id: string;
			smaller_file_id: string | null;
			image_url: string;
			album: { id: string; slug: string };
		};
		music = {
			...{ id, other, uri, did: track.artist_did, site: site.url },
			...{ slug: track.album.slug, albumId: track.album.id },
			...{ fileId: track.file_id, smallerId: track.smaller_file_id },
			imageId: /images\/([0-9a-f]{16})/.exec(track.image_url)?.[1] ?? ''
		};
		const database = await openProductDatabase(site);
		await database`update artists set shows_likes = true, downloads = 'open'`;
		await database.end();
	});
	after(() => site.close());

	const get = (address: string, accept = '*/*') =>
		fetch(new URL(address, site.url), { headers: { accept }, redirect: 'manual' });
	const json = async (address: string): Promise<unknown> => (await get(address)).json();
	const plyr = async (...args: string[]) => {
		const lines: string[] = [];
		const env = { DATA_DIR: site.dataDir, DEV_ALLOW_INSECURE_NETWORK: 'true' };
		const namespace = { ATPROTO_APP_NAMESPACE: 'fm.plyr.dev' };
		const code = await runPlyr(args, {
			env: { ...env, ...namespace },
			say: (line) => lines.push(line)
		});
		return { code, said: lines.join('\n') };
	};

	interface Seen {
		status: number;
		/** text of it; '' of what is none */
		text: string;
		cacheControl: string | null;
	}

	/** What everybody sees, at each address of the walk. */
	async function walk(): Promise<Map<string, Seen>> {
		const seen = new Map<string, Seen>();
		for (const address of Object.values(WALK).flatMap((addresses) => addresses(music))) {
			const answer = await get(address, address.startsWith('/api/') ? '*/*' : 'text/html, */*');
			const isText = /^(?:text|application)\//.test(answer.headers.get('content-type') ?? '');
			const bytes = await answer.arrayBuffer();
			seen.set(address, {
				status: answer.status,
				text: isText ? new TextDecoder().decode(bytes) : '',
				cacheControl: answer.headers.get('cache-control')
			});
		}
		return seen;
	}

	const statusOf = (seen: Map<string, Seen>, address: string) => seen.get(address)?.status;
	/** Addresses where something of it is left. */
	const tracesOf = (seen: Map<string, Seen>, words: (string | null)[]) =>
		[...seen]
			.filter(([, { text }]) => words.some((word) => word !== null && text.includes(word)))
			.map(([address]) => address);
	const ofTrack = () => [TITLE, music.fileId, music.smallerId, music.imageId, TAG];
	/** Where whoever asks for it is told why. */
	const places = () => [
		`/track/${music.id}`,
		`/report?track=${music.id}`,
		`/track/${music.id}/download`,
		`/track/${music.id}/like`,
		`/track/${music.id}/likes`,
		`/api/tracks/${music.id}`,
		`/api/tracks/${music.id}/likes`,
		`/embed/track/${music.id}`,
		`/audio/${music.fileId}`,
		`/api/audio/${music.fileId}`,
		`/audio/${music.fileId}/peaks`,
		`/images/${music.imageId}`,
		`/og/track/${music.id}.jpg`
	];

	it('is looked for at every address there is', () => {
		const known = [...Object.keys(WALK), ...WITHOUT_MUSIC].sort();
		// a new one is walked, too, or said to have no music
		assert.deepEqual(
			readRoutes().map((route) => (route === '.' ? '' : route)),
			known
		);
	});

	it('a track leaves no trace, and its own addresses say why; then all is as it was', async () => {
		const before = await walk();
		const shown = tracesOf(before, ofTrack());
		assert.ok(shown.length > 25, `the walk sees it while it is shown: ${shown.length}`);
		const { code, said } = await plyr('takedown', 'track', music.uri, '--reason', REASON);
		assert.deepEqual(
			[code, said.split('\n')[0]],
			[0, `${TITLE} by ${ALICE} is hidden by the rules of this site: ${REASON}`]
		);

		const hidden = await walk();
		// a search repeats what was searched for
		const left = tracesOf(hidden, ofTrack()).filter(
			(address) => !/search|tag\/|q=/.test(address) && !address.startsWith('/oembed')
		);
		assert.deepEqual(left, []);
		for (const address of [...hidden.keys()].filter((one) => /search/.test(one))) {
			assert.doesNotMatch(
				hidden.get(address)?.text ?? '',
				new RegExp(`track/${music.id}\\b`),
				address
			);
			assert.doesNotMatch(hidden.get(address)?.text ?? '', new RegExp(music.imageId), address);
		}
		for (const address of places()) {
			const answer = hidden.get(address);
			assert.equal(answer?.status, 410, address);
			assert.ok(answer.text.includes(REASON), `${address} says why`);
			assert.match(answer.cacheControl ?? '', /no-store|no-cache/, address);
		}
		assert.equal(statusOf(hidden, `/tag/${TAG}`), 404);
		assert.equal(statusOf(hidden, oembed(music, `/track/${music.id}`)), 404);
		for (const [address, { status }] of hidden) assert.ok(status < 500, `${address}: ${status}`);
		assert.deepEqual(await json(`/api/tracks/?ids=${music.id}`), { tracks: [] });

		assert.equal((await plyr('takedown', 'track', String(music.id), '--restore')).code, 0);
		const after = await walk();
		for (const [address, { status }] of before) {
			assert.equal(after.get(address)?.status, status, address);
		}
		assert.deepEqual(tracesOf(after, ofTrack()), shown);
	});

	it('an account leaves no trace with all it has; on legal ground it says so', async () => {
		const before = await walk();
		const { code } = await plyr(
			...['takedown', 'account', 'alice.test', '--reason', REASON, '--ground', 'legal']
		);
		assert.equal(code, 0);
		const hidden = await walk();
		const words = ['The alice', 'alice.test', ...ofTrack()];
		// what was asked for may be repeated
		const left = tracesOf(hidden, words).filter(
			(address) => !/search|tag\/|q=|oembed|alice/.test(address)
		);
		assert.deepEqual(left, []);
		for (const address of ['/u/alice.test', album(music), ...feeds('/u/alice.test')]) {
			assert.equal(statusOf(hidden, address), 451, address);
			assert.ok(hidden.get(address)?.text.includes(REASON), address);
		}
		for (const address of places()) assert.equal(statusOf(hidden, address), 451, address);
		const blocked = await get(`/track/${music.id}`, 'text/html');
		assert.match(blocked.headers.get('link') ?? '', /rel="blocked-by"/);
		// she likes bob's track
		const likers = hidden.get(`/api/tracks/${music.other}/likes`)?.text ?? '';
		assert.doesNotMatch(likers, new RegExp(music.did));

		await itIsStillHers();
		assert.equal((await plyr('takedown', 'account', music.did, '--restore')).code, 0);
		const after = await walk();
		for (const [address, { status }] of before) {
			assert.equal(after.get(address)?.status, status, address);
		}
	});

	/** What the owner of a hidden account can do, and cannot. */
	async function itIsStillHers(): Promise<void> {
		const again = new Visitor(site.url);
		await again.signIn('alice');
		const portal = await (await again.open('/portal')).text();
		assert.match(portal, /href="[^"]*\/takedowns"/);
		const page = await (await again.open('/portal/takedowns')).text();
		assert.ok(page.includes(REASON));
		assert.equal((await again.open(`/track/${music.id}/download`)).status, 200);
		assert.equal((await again.open(`/track/${music.id}/edit`)).status, 200);
		assert.equal((await again.open(`/track/${music.id}/delete`)).status, 200);
		const own = await again.open('/api/tracks/me', { headers: { accept: 'application/json' } });
		assert.match(await own.text(), new RegExp(TITLE));
		await assert.rejects(publishTrack(again, { title: 'something new' }), /account_taken_down/);
		const takedown = /name="takedown" value="(\d+)"/.exec(page)?.[1] ?? '';
		const objection = { takedown, statement: 'it is my own song', contact: 'alice@example.org' };
		const sent = await again.submit('/portal/takedowns?/object', objection);
		assert.equal(locationOf(sent), '/portal/takedowns?sent');
		const queue = await (await operator.open('/admin/takedowns')).text();
		assert.match(queue, /it is my own song[^]*alice@example.org/);
		// nobody else's
		const stranger = await bob.submit('/portal/takedowns?/object', objection);
		assert.equal(stranger.status, 404);
	}

	it('the command line lists what is hidden, and says what it does not understand', async () => {
		assert.equal((await plyr('takedown', '--list')).said, 'nothing is taken down');
		await plyr('takedown', 'track', `${site.url}/track/${music.id}`, '--reason', REASON);
		assert.match(
			(await plyr('takedown', '--list')).said,
			new RegExp(`track at://.*${TITLE}.*${REASON}`)
		);
		await plyr('takedown', 'track', music.uri, '--restore');
		for (const args of [
			['track'],
			['album', '1', '--reason', 'x'],
			['track', '1'],
			['track', '1', '--reason', 'x', '--ground', 'none']
		]) {
			assert.equal((await plyr('takedown', ...args)).code, 2, args.join(' '));
		}
		const nobody = await plyr('takedown', 'account', 'nobody.test', '--reason', 'x');
		assert.deepEqual(
			[nobody.code, nobody.said],
			[1, 'nobody here publishes music under this name']
		);
	});
});
