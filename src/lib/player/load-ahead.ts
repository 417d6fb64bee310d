import { loadTimeline } from './deck.ts';

/** What a person does on the way to a press, earlier than the press itself. */
const ON_THE_WAY = ['pointerover', 'focusin'] as const;
/** What somebody does who is there, whatever they want. */
const SIGNS_OF_LIFE = [
	'pointermove',
	'pointerdown',
	'touchstart',
	'wheel',
	'scroll',
	'keydown'
] as const;
/** Who opens the page of a track or an album came to listen. */
const MUSIC_PAGE = /\/(track|album)\/\[\w+\]$/;

/** What asks for a script, and asks again when there was no answer. */
type Load = () => Promise<unknown>;

/**
 * Lets the scripts that play and show what is played be there before somebody presses play for the
 * first time: they are asked for when a pointer, a finger or the focus comes to any button, so that
 * a visit that plays nothing pays nothing for them.
 * @param loads what a first press on play needs besides
 * @returns how to call it off
 */
export function loadAhead(loads: readonly Load[]): () => void {
	const { body } = document;
	const look = ({ target }: Event) => {
		if (!(target as Element).closest('button')) return;
		stop();
		load(loads);
	};
	const stop = () => {
		for (const event of ON_THE_WAY) body.removeEventListener(event, look);
	};
	for (const event of ON_THE_WAY) body.addEventListener(event, look);
	return stop;
}

/**
 * The same on a page of music, already when somebody moves at all: a page that is only opened costs
 * nothing more.
 * @param routeId of the page that is shown
 * @returns how to call it off
 */
export function loadOnMusicPage(
	loads: readonly Load[],
	routeId: string | null
): (() => void) | undefined {
	if (!MUSIC_PAGE.test(routeId ?? '')) return;
	const begin = () => {
		stop();
		load(loads);
	};
	const stop = () => {
		for (const sign of SIGNS_OF_LIFE) removeEventListener(sign, begin);
	};
	for (const sign of SIGNS_OF_LIFE) addEventListener(sign, begin, { passive: true });
	return stop;
}

function load(loads: readonly Load[]): void {
	// a script that is asked for without a line may be refused for as long as the page lives
	if (!navigator.onLine) return;
	// who needs them asks again, and says what is wrong
	for (const ahead of [loadTimeline, ...loads]) ahead().catch(() => undefined);
}
