import { build, files, version } from '$service-worker';
import { answerRange } from '#lib/offline/answer-range.ts';
import { isKeepable, KEPT_CACHE } from '#lib/offline/kept-cache.ts';

// The shell of the site, so that it opens without a network, and the music that is kept. All else
// passes by untouched. A new version waits until every page of the old one is closed: whoever listens
// goes on with the scripts they have.

/** What is used of the worker's own scope: its types cannot stand beside those of pages. */
interface ExtendableEvent extends Event {
	waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
	readonly request: Request;
	respondWith(answer: Promise<Response>): void;
}
interface WorkerScope {
	addEventListener(type: 'install' | 'activate', run: (event: ExtendableEvent) => void): void;
	addEventListener(type: 'fetch', run: (event: FetchEvent) => void): void;
	readonly clients: { claim(): Promise<void> };
	readonly location: Location;
}

const worker = globalThis as unknown as WorkerScope;
const SHELL_CACHE = `shell-${version}`;
const OFFLINE_PAGE = '/offline';
const shell = new Set([...build, ...files]);

worker.addEventListener('install', (event) => event.waitUntil(keepShell()));
worker.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));
worker.addEventListener('fetch', (event) => {
	const { request } = event;
	const { origin, pathname } = new URL(request.url);
	if (request.method !== 'GET' || origin !== worker.location.origin) return;
	if (request.mode === 'navigate') event.respondWith(pageOrOffline(request, pathname));
	else if (shell.has(pathname)) event.respondWith(fromShell(request, pathname));
	else if (isKeepable(pathname)) event.respondWith(fromKept(request, pathname));
});

async function keepShell(): Promise<void> {
	const cache = await caches.open(SHELL_CACHE);
	await cache.addAll([...shell]);
	// nobody's: it is shown to whoever uses this browser
	const page = await fetch(OFFLINE_PAGE, { credentials: 'omit', cache: 'reload' });
	if (!page.ok) throw new Error(`${OFFLINE_PAGE} answered ${page.status}`);
	await cache.put(OFFLINE_PAGE, page);
}

async function forgetOthers(): Promise<void> {
	const names = await caches.keys();
	const old = names.filter((name) => name.startsWith('shell-') && name !== SHELL_CACHE);
	await Promise.all(old.map((name) => caches.delete(name)));
	await worker.clients.claim();
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
	const kept = await caches.match(pathname, { cacheName: KEPT_CACHE });
	return kept ? await answerRange(kept, request.headers.get('range')) : await fetch(request);
}
