import type { Preferences } from './preferences.ts';

/** Preferences as the API, the cookie and the database have them. */
export interface PreferencesJson {
	accent_color: Preferences['accentColor'];
	theme: Preferences['theme'];
	auto_advance: boolean;
	gapless: boolean;
	crossfade_seconds: number;
	level_volume: Preferences['levelVolume'];
	reduced_data: Preferences['reducedData'];
	show_explicit_artwork: boolean;
	skip_explicit: boolean;
}

export const preferencesToJson = (preferences: Preferences): PreferencesJson => ({
	accent_color: preferences.accentColor,
	theme: preferences.theme,
	auto_advance: preferences.autoAdvance,
	gapless: preferences.isGapless,
	crossfade_seconds: preferences.crossfadeSeconds,
	level_volume: preferences.levelVolume,
	reduced_data: preferences.reducedData,
	show_explicit_artwork: preferences.showsExplicitArtwork,
	skip_explicit: preferences.skipsExplicit
});

export const preferencesFromJson = (json: PreferencesJson): Preferences => ({
	accentColor: json.accent_color,
	theme: json.theme,
	autoAdvance: json.auto_advance,
	isGapless: json.gapless,
	crossfadeSeconds: json.crossfade_seconds,
	levelVolume: json.level_volume,
	reducedData: json.reduced_data,
	showsExplicitArtwork: json.show_explicit_artwork,
	skipsExplicit: json.skip_explicit
});
