import { loadTimeline } from './deck.ts';

/** What a person does on the way to a press, earlier than the press itself. */
const ON_THE_WAY = ['pointerover', 'pointerdown', 'focusin'] as const;
/** Who opens one of these came to listen. */
const MUSIC_PAGES = ['/(listen)/track/[id]', '/(listen)/u/[handle]/album/[slug]'];

/**
 * Lets the scripts that play and show what is played be there before somebody presses play for the
 * first time: they are asked for when a pointer, a finger or the focus comes to any button, so that
 * a visit that plays nothing pays nothing for them.
 * @returns how to call it off
 */
export function loadAhead(loadBar: () => Promise<unknown>): () => void {
	const calledOff = new AbortController();
	const look = ({ target }: Event) => {
		if (!(target as Element).closest('button')) return;
		calledOff.abort();
		load(loadBar);
	};
	const { signal } = calledOff;
	for (const event of ON_THE_WAY) document.body.addEventListener(event, look, { signal });
	return () => calledOff.abort();
}

/**
 * The same on a page of music, as soon as the browser has nothing else to do.
 * @param routeId of the page that is shown
 * @returns how to call it off
 */
export function loadOnMusicPage(
	loadBar: () => Promise<unknown>,
	routeId: string | null
): (() => void) | undefined {
	// safari has no such callback: there it is loaded on the way to a press
	if (!MUSIC_PAGES.includes(routeId ?? '') || !('requestIdleCallback' in globalThis)) return;
	const id = requestIdleCallback(() => load(loadBar));
	return () => cancelIdleCallback(id);
}

function load(loadBar: () => Promise<unknown>): void {
	// a script that is asked for without a line may be refused for as long as the page lives
	if (!navigator.onLine) return;
	// who needs them asks again, and says what is wrong
	for (const ahead of [loadTimeline, loadBar]) ahead().catch(() => undefined);
}
