/** What a key does anywhere on the page, unless what has the focus uses it itself. */
export type PlayerAction =
	| 'toggle'
	| 'previous'
	| 'next'
	| 'back'
	| 'forward'
	| 'louder'
	| 'quieter'
	| 'mute'
	| 'shuffle'
	| 'repeat'
	| 'queue'
	| 'keys';

interface PlayerKey {
	/** as `KeyboardEvent.key` has it, letters small */
	key: string;
	/** `either`: where the sign is on the keyboard decides */
	withShift?: boolean | 'either';
	/** holding it down goes on doing it */
	repeats?: boolean;
	/** what uses this key itself */
	usedBy: string;
	/** also what can be scrolled uses it: whoever reads by keyboard goes on by it */
	scrolls?: boolean;
	action: PlayerAction;
}

/** Where what is pressed is typed. */
export const TYPING =
	'input:not([type="range"], [type="checkbox"], [type="radio"], [type="button"], [type="submit"], [type="file"]), textarea, select, iframe, [contenteditable]:not([contenteditable="false"])';
const PRESSED =
	'a[href], button, input:not([type="range"]), summary, audio, video, [role="button"], [role="menuitem"], [role="option"]';
const MOVED =
	'input, audio, video, [role="slider"], [role="listbox"], [role="menu"], [role="tablist"], [role="radiogroup"], [role="grid"], [role="option"]';
const ARROWS = `${TYPING}, ${MOVED}`;

/** One line for each key; the first that fits counts. */
export const PLAYER_KEYS: readonly PlayerKey[] = [
	{ key: ' ', usedBy: `${TYPING}, ${PRESSED}`, action: 'toggle' },
	{ key: 'ArrowLeft', withShift: true, usedBy: ARROWS, action: 'previous' },
	{ key: 'ArrowRight', withShift: true, usedBy: ARROWS, action: 'next' },
	{ key: 'ArrowLeft', repeats: true, usedBy: ARROWS, action: 'back' },
	{ key: 'ArrowRight', repeats: true, usedBy: ARROWS, action: 'forward' },
	{ key: 'ArrowUp', withShift: true, repeats: true, usedBy: ARROWS, action: 'louder' },
	{ key: 'ArrowDown', withShift: true, repeats: true, usedBy: ARROWS, action: 'quieter' },
	{ key: 'ArrowUp', repeats: true, usedBy: ARROWS, scrolls: true, action: 'louder' },
	{ key: 'ArrowDown', repeats: true, usedBy: ARROWS, scrolls: true, action: 'quieter' },
	{ key: 'm', usedBy: TYPING, action: 'mute' },
	{ key: 's', usedBy: TYPING, action: 'shuffle' },
	{ key: 'r', usedBy: TYPING, action: 'repeat' },
	{ key: 'q', usedBy: TYPING, action: 'queue' },
	{ key: '?', withShift: 'either', usedBy: TYPING, action: 'keys' }
];

/** What is read of a key press. */
export type KeyPress = Pick<
	KeyboardEvent,
	'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'repeat' | 'defaultPrevented'
> & {
	/** whether what has the focus is, or is within, what the selector names */
	isWithin: (selector: string) => boolean;
	/** whether up and down move what has the focus, or the page around it */
	canScroll: () => boolean;
};

/** What a key press does; null: nothing of the player's. */
export function playerAction(press: KeyPress): PlayerAction | null {
	if (press.defaultPrevented || press.altKey || press.ctrlKey || press.metaKey) return null;
	const name = press.key.length === 1 ? press.key.toLowerCase() : press.key;
	const found = PLAYER_KEYS.find(
		({ key, withShift = false }) =>
			key === name && (withShift === 'either' || withShift === press.shiftKey)
	);
	if (!found || (press.repeat && !found.repeats)) return null;
	// behind an open dialog nothing is to be reached, but in the one that is the player
	if (press.isWithin(`${found.usedBy}, dialog[open]:not([data-player])`)) return null;
	return found.scrolls && press.canScroll() ? null : found.action;
}

/** The press as the browser has it. */
export function pressOf(event: KeyboardEvent): KeyPress {
	const { key, altKey, ctrlKey, metaKey, shiftKey, repeat, defaultPrevented, target } = event;
	return {
		...{ key, altKey, ctrlKey, metaKey, shiftKey, repeat, defaultPrevented },
		isWithin: (selector) => target instanceof Element && target.closest(selector) !== null,
		canScroll: () => target instanceof Element && canScroll(target)
	};
}

/** In the player nothing is to be scrolled, also where it could be. */
function canScroll(focused: Element): boolean {
	if (focused.closest('[data-player]')) return false;
	for (let box: Element | null = focused; box; box = box.parentElement) {
		const isHigher = box.scrollHeight > box.clientHeight;
		const isPage = box === document.documentElement;
		if (isHigher && (isPage || /auto|scroll/.test(getComputedStyle(box).overflowY))) return true;
	}
	return false;
}
