import { goto, preloadData } from '$app/navigation';
import { page } from '$app/state';
import type { BeforeNavigate } from '@sveltejs/kit';
import type { Toasts } from '#lib/toasts/toasts.svelte.ts';

/** A page that takes longer is not waited for; it is still asked for when somebody tries again. */
const PATIENCE_MS = 15_000;

/**
 * Lets nobody leave a page with music for one that cannot be had: the browser would show its own in
 * the place of both. What somebody goes to is asked for first; without an answer they stay, and are told.
 * @returns what is to be called before a navigation
 */
export function keepPage(toasts: Toasts): (navigation: BeforeNavigate) => void {
	/** what is known to be there, and gone to */
	let allowed: string | null = null;
	let latest = 0;

	async function open(href: string, go: () => void): Promise<void> {
		const turn = ++latest;
		const isThere = await canBeHad(href);
		if (turn !== latest) return;
		if (isThere) {
			toasts.dismiss('page');
			allowed = href;
			go();
			return;
		}
		const run = () => void open(href, go);
		const message = 'that page did not come: the site does not answer. what plays here stays';
		toasts.show({ kind: 'warning', message, action: { label: 'try again', run } }, 'page');
	}

	return ({ from, to, type, delta, willUnload, cancel }) => {
		if (willUnload || !to || !from || !navigator.onLine) return;
		const { href } = to.url;
		const isSamePage = pathOf(to.url) === pathOf(from.url);
		const isAllowed = allowed === href;
		allowed = null;
		// what the page itself leads to comes after an answer of the server
		if (isAllowed || isSamePage || (type !== 'link' && type !== 'popstate')) return;
		cancel();
		// eslint-disable-next-line svelte/no-navigation-without-resolve -- as the link or the history has it
		const go = () => (type === 'popstate' ? history.go(delta) : void goto(href));
		void open(href, go);
	};
}

const pathOf = ({ pathname, search }: URL) => pathname + search;

async function canBeHad(href: string): Promise<boolean> {
	const tooLate = new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS));
	return await Promise.race([isLoaded(href), tooLate]);
}

async function isLoaded(href: string): Promise<boolean> {
	const loaded = await preloadData(href).catch(() => null);
	if (loaded?.type === 'redirect') return true;
	// without anything new it is not known whether there was no answer, or one that is an error
	if (loaded && loaded.data !== page.data) return true;
	return await fetch(href, { method: 'HEAD' }).then(
		({ status }) => status < 500 && status !== 429,
		() => false
	);
}
