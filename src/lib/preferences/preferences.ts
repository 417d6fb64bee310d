export const THEMES = ['dark', 'light', 'system'] as const;
export const LEVELS = ['off', 'track', 'album'] as const;
export const REDUCED_DATA = ['auto', 'on', 'off'] as const;
export const CROSSFADE_MAX_SECONDS = 12;

/** What a person has chosen about how the product looks and plays. */
export interface Preferences {
	/** #rrggbb, lower case */
	accentColor: string;
	/** `system`: what the device prefers */
	theme: (typeof THEMES)[number];
	/** what comes next begins by itself */
	autoAdvance: boolean;
	isGapless: boolean;
	/** 0..12, whole; 0: one track ends before the next begins */
	crossfadeSeconds: number;
	/** whether, and how, quiet and loud music is played equally loud */
	levelVolume: (typeof LEVELS)[number];
	/** `auto`: when the browser asks for it */
	reducedData: (typeof REDUCED_DATA)[number];
	/** the artwork of tracks that are explicit is shown as it is, not blurred */
	showsExplicitArtwork: boolean;
	/** what comes next passes over them */
	skipsExplicit: boolean;
}

export const DEFAULT_PREFERENCES: Preferences = {
	accentColor: '#6a9fff',
	theme: 'dark',
	autoAdvance: true,
	isGapless: true,
	crossfadeSeconds: 0,
	levelVolume: 'album',
	reducedData: 'auto',
	showsExplicitArtwork: false,
	skipsExplicit: false
};
