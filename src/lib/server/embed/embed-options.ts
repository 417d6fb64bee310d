import { parseMoment } from '#lib/sharing/moment.ts';

const THEMES = ['dark', 'light', 'system'] as const;

/** How a player within another page looks, as its address asks. */
export interface EmbedOptions {
	theme: (typeof THEMES)[number];
	/** #rrggbb; null: that of the artwork */
	accent: string | null;
	/** one row: the least there is room for */
	isCompact: boolean;
	startSeconds: number;
}

/** Reads `?theme=dark|light|system&accent=rrggbb&compact=1&t=90`; what does not fit is left out. */
export function readEmbedOptions(query: URLSearchParams): EmbedOptions {
	const accent = (query.get('accent') ?? '').replace(/^#/, '').toLowerCase();
	return {
		theme: THEMES.find((theme) => theme === query.get('theme')) ?? 'system',
		accent: /^[0-9a-f]{6}$/.test(accent) ? `#${accent}` : null,
		isCompact: /^(?:1|true|yes)$/.test(query.get('compact') ?? ''),
		startSeconds: parseMoment(query.get('t')) ?? 0
	};
}
