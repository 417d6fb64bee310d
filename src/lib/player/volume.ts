import { readStored, store } from '#lib/safe-storage.ts';

const NAME = 'player_volume';
export const BEFORE_MUTE = 'player_volume_before_mute';
export const DEFAULT_VOLUME = 0.7;

/** Keeps a volume between silence (0) and full (1). */
export const clampVolume = (volume: number): number => Math.min(1, Math.max(0, volume));

/** The volume this browser was left at, 0..1; before it was made silent, if that is asked for. */
export function rememberedVolume(name: typeof NAME | typeof BEFORE_MUTE = NAME): number {
	const stored = readStored(name);
	const volume = stored === null || stored === '' ? NaN : Number(stored);
	return Number.isFinite(volume) ? clampVolume(volume) : DEFAULT_VOLUME;
}

/** Keeps the volume for the next visit. */
export function rememberVolume(
	volume: number,
	name: typeof NAME | typeof BEFORE_MUTE = NAME
): void {
	store(name, String(volume));
}

/** Whether a page can set the volume at all: on an iPhone only the buttons of the device do. */
export function canSetVolume(): boolean {
	const element = new Audio();
	element.volume = 0.5;
	return element.volume === 0.5;
}
