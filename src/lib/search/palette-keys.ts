import { TYPING } from '#lib/player/player-keys.ts';

type Press = Pick<
	KeyboardEvent,
	'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'repeat' | 'defaultPrevented'
> & { isWithin: (selector: string) => boolean };

const onApple = () => /Mac|iP/.test(navigator.platform);

/**
 * Whether a key press opens the search: ctrl+K, on Apple's keyboards ⌘+K, where ctrl+K cuts a line off
 * in a field; and a slash where nobody types.
 */
export function opensSearch(press: Press, isApple = onApple()): boolean {
	if (press.defaultPrevented || press.altKey || press.repeat) return false;
	if (press.isWithin('dialog[open]')) return false;
	const { ctrlKey, metaKey } = press;
	if (press.key.toLowerCase() === 'k') {
		return !press.shiftKey && (isApple ? metaKey && !ctrlKey : ctrlKey && !metaKey);
	}
	// where the sign is on the keyboard decides whether it needs shift
	return press.key === '/' && !ctrlKey && !metaKey && !press.isWithin(TYPING);
}
