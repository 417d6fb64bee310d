import { readStored, store } from '#lib/safe-storage.ts';

const NAME = 'player_volume';
const DEFAULT_VOLUME = 0.7;

/** Keeps a volume between silence (0) and full (1). */
export const clampVolume = (volume: number): number => Math.min(1, Math.max(0, volume));

/** The volume this browser was left at, 0..1. */
export function rememberedVolume(): number {
	const stored = readStored(NAME);
	const volume = stored === null || stored === '' ? NaN : Number(stored);
	return Number.isFinite(volume) ? clampVolume(volume) : DEFAULT_VOLUME;
}

/** Keeps the volume for the next visit. */
export function rememberVolume(volume: number): void {
	store(NAME, String(volume));
}

/** Whether a page can set the volume at all: on an iPhone only the buttons of the device do. */
export function canSetVolume(): boolean {
	const element = new Audio();
	element.volume = 0.5;
	return element.volume === 0.5;
}
