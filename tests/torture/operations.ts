import type { Random } from '../../dev/music/random.ts';
import { deleteAlbum, editAlbum, rearrangeAlbum } from './album-actions.ts';
import { publishAlbum } from './release-actions.ts';
import { sendAndDiscard, upload } from './sending-actions.ts';
import {
	deleteAndSendAgain,
	deleteTrack,
	editPicture,
	editWords,
	replaceAudio,
	restoreAudio
} from './track-actions.ts';
import type { Action, Studio } from './turn.ts';

/** How often each is done, out of their sum. */
const ACTIONS = {
	upload: [30, upload],
	edit: [20, editWords],
	artwork: [10, editPicture],
	replacement: [14, replaceAudio],
	restoration: [7, restoreAudio],
	deletion: [10, deleteTrack],
	'deletion and upload': [8, deleteAndSendAgain],
	discarding: [6, sendAndDiscard],
	release: [12, publishAlbum],
	'album edit': [10, editAlbum],
	'album order': [12, rearrangeAlbum],
	'album deletion': [5, deleteAlbum]
} satisfies Record<string, [weight: number, action: Action]>;

export type ActionName = keyof typeof ACTIONS;

const NAMES = Object.keys(ACTIONS) as ActionName[];
const CHOICES = NAMES.flatMap((name) => Array<ActionName>(ACTIONS[name][0]).fill(name));

/** Does one thing or another, or what is asked for. @returns what was done; null: nothing */
export async function doSomething(
	studio: Studio,
	random: Random,
	name: ActionName = random.pick(CHOICES)
): Promise<ActionName | null> {
	const isDone = await ACTIONS[name][1]({ ...studio, random });
	return isDone === false ? null : name;
}
