import { escapeMarkup } from './escape-markup.ts';

/** Heights at which a player within another page shows all it has, in px. */
export const EMBED_HEIGHTS_PX = { track: 164, compact: 80, list: 450 };

/** A frame on somebody's page. */
export interface EmbedFrame {
	/** whole address of the player */
	src: string;
	title: string;
	/** px, or `100%` */
	width: number | '100%';
	heightPx: number;
}

/**
 * What is put into a page to show a player: a frame that may run its script and open the site beside
 * it, and nothing else.
 */
export function embedCode({ src, title, width, heightPx }: EmbedFrame): string {
	return (
		`<iframe src="${escapeMarkup(src)}" title="${escapeMarkup(title)}" ` +
		`width="${width}" height="${heightPx}" frameborder="0" loading="lazy" allow="autoplay" ` +
		'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"></iframe>'
	);
}
