import { build, files, version } from '$service-worker';
import { answerRange } from '#lib/offline/answer-range.ts';
import { isKeepable, KEEP_SHELL, KEPT_AS, KEPT_CACHE } from '#lib/offline/kept-cache.ts';

// The page that opens without a network, and for who keeps music, the whole shell of the site and that
// music. All else passes by untouched. A new version waits until every page of the old one is closed:
// whoever listens goes on with the scripts they have.

/** What is used of the worker's own scope: its types cannot stand beside those of pages. */
interface ExtendableEvent extends Event {
	waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
	readonly request: Request;
	respondWith(answer: Promise<Response>): void;
}
interface MessageEventOfPage extends ExtendableEvent {
	readonly data: unknown;
	readonly ports: readonly MessagePort[];
}
interface WorkerScope {
	addEventListener(type: 'install' | 'activate', run: (event: ExtendableEvent) => void): void;
	addEventListener(type: 'fetch', run: (event: FetchEvent) => void): void;
	addEventListener(type: 'message', run: (event: MessageEventOfPage) => void): void;
	readonly clients: { claim(): Promise<void> };
	readonly location: Location;
}

const worker = globalThis as unknown as WorkerScope;
const SHELL_CACHE = `shell-${version}`;
const OFFLINE_PAGE = '/offline';
const shell = new Set([...build, ...files]);
/** The scripts and styles a page names in its head and in its header `link`, relative to itself. */
const NAMED = /_app\/immutable\/[\w./-]+\.(?:css|js)/g;
/** The page of errors, which SvelteKit loads with every page and nothing names. */
const ERROR_PAGE = /\/immutable\/(?:nodes|assets)\/1\./;
/** Until it is known, everything is looked for. */
let keepsNothing = false;

void keepsMusic().then((does) => (keepsNothing = !does));
worker.addEventListener('install', (event) => event.waitUntil(keepNeeded()));
worker.addEventListener('activate', (event) => event.waitUntil(takeOver()));
worker.addEventListener('message', (event) => {
	if (event.data !== KEEP_SHELL) return;
	keepsNothing = false;
	const [port] = event.ports;
	const told = keepShell().then(
		() => port?.postMessage(true),
		() => port?.postMessage(false)
	);
	event.waitUntil(told);
});
worker.addEventListener('fetch', (event) => {
	const { request } = event;
	const { origin, pathname } = new URL(request.url);
	if (request.method !== 'GET' || origin !== worker.location.origin) return;
	if (request.mode === 'navigate') event.respondWith(pageOrOffline(request, pathname));
	else if (shell.has(pathname)) event.respondWith(fromShell(request, pathname));
	else if (isKeepable(pathname) && !keepsNothing) event.respondWith(fromKept(request, pathname));
});

async function keepsMusic(): Promise<boolean> {
	const kept = await caches.open(KEPT_CACHE);
	return (await kept.keys()).length > 0;
}

/** A first visit is to cost nobody more than one small page: whoever keeps nothing gets no more. */
async function keepNeeded(): Promise<void> {
	await keepOfflinePage();
	if (await keepsMusic()) await keepShell();
}

async function keepOfflinePage(): Promise<void> {
	// nobody's: it is shown to whoever uses this browser
	const page = await fetch(OFFLINE_PAGE, { credentials: 'omit', cache: 'reload' });
	if (!page.ok) throw new Error(`${OFFLINE_PAGE} answered ${page.status}`);
	const text = `${page.headers.get('link')} ${await page.clone().text()}`;
	const named = text.match(NAMED)?.map((address) => `/${address}`) ?? [];
	const errorPage = build.filter((address) => ERROR_PAGE.test(address));
	const cache = await caches.open(SHELL_CACHE);
	await addMissing(cache, [...new Set([...named, ...errorPage])]);
	await cache.put(OFFLINE_PAGE, page);
}

async function keepShell(): Promise<void> {
	await addMissing(await caches.open(SHELL_CACHE), [...shell]);
}

async function addMissing(cache: Cache, addresses: string[]): Promise<void> {
	const here = await Promise.all(addresses.map((address) => cache.match(address)));
	await cache.addAll(addresses.filter((_, index) => !here[index]));
}

async function takeOver(): Promise<void> {
	const names = await caches.keys();
	const old = names.filter((name) => name.startsWith('shell-') && name !== SHELL_CACHE);
	await Promise.all(old.map((name) => caches.delete(name)));
	await worker.clients.claim();
	// music may have been kept while this version waited
	await keepNeeded();
}

async function pageOrOffline(request: Request, pathname: string): Promise<Response> {
	try {
		return await fetch(request);
	} catch (cause) {
		const page = await caches.match(OFFLINE_PAGE, { cacheName: SHELL_CACHE });
		if (!page) throw cause;
		if (pathname === OFFLINE_PAGE) return page;
		// at its own address: the scripts of a page look at where they are
		return Response.redirect(`${OFFLINE_PAGE}?from=${encodeURIComponent(pathname)}`, 302);
	}
}

async function fromShell(request: Request, pathname: string): Promise<Response> {
	return (await caches.match(pathname, { cacheName: SHELL_CACHE })) ?? (await fetch(request));
}

async function fromKept(request: Request, pathname: string): Promise<Response> {
	const cache = await caches.open(KEPT_CACHE);
	let kept = await cache.match(pathname);
	const elsewhere = kept?.headers.get(KEPT_AS);
	if (elsewhere) kept = await cache.match(elsewhere);
	return kept ? await answerRange(kept, request.headers.get('range')) : await fetch(request);
}
