import { PLAYER_KEYS, type PlayerAction } from './player-keys.ts';

const WORDS: Record<PlayerAction, string> = {
	toggle: 'play or pause',
	previous: 'to the beginning of the track, or to the one before',
	next: 'next track',
	back: '5 seconds back',
	forward: '5 seconds forward',
	louder: 'louder',
	quieter: 'quieter',
	mute: 'mute',
	shuffle: 'shuffle what comes next',
	repeat: 'repeat all, one or nothing',
	queue: 'open or close the queue',
	keys: 'this list'
};

const NAMES: Record<string, string> = {
	' ': 'space',
	ArrowLeft: '←',
	ArrowRight: '→',
	ArrowUp: '↑',
	ArrowDown: '↓'
};

/** What keys do one thing. */
interface ListedAction {
	words: string;
	/** each a way to do it: the keys that are pressed together */
	ways: { keys: string[]; scrolls: boolean }[];
}

/** All keys there are, by what they do, as the list shows them. */
export function listKeys(): ListedAction[] {
	const actions = [...new Set(PLAYER_KEYS.map(({ action }) => action))];
	return actions.map((wanted) => ({
		words: WORDS[wanted],
		ways: PLAYER_KEYS.filter(({ action }) => action === wanted).map(
			({ key, withShift, scrolls = false }) => ({
				keys: [...(withShift === true ? ['shift'] : []), NAMES[key] ?? key],
				scrolls
			})
		)
	}));
}
