import { type SharedPage, sharedName } from './shared-page.ts';

/** As long as a post on bluesky may be, in what a person counts as characters. */
const MAX_GRAPHEMES = 300;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Where a post about a page is prepared: its author can still change it. */
export function blueskyPost(page: SharedPage): string {
	const name = [...graphemes.segment(sharedName(page).toWellFormed())];
	const room = MAX_GRAPHEMES - page.url.length - 1;
	const kept = name.length <= room ? name : name.slice(0, Math.max(0, room - 1));
	const words = kept.map(({ segment }) => segment).join('') + (kept === name ? '' : '…');
	return `https://bsky.app/intent/compose?text=${encodeURIComponent(`${words} ${page.url}`)}`;
}
