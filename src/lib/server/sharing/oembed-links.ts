import type { DescribedSite, PageDescription } from './page-description.ts';

/** Where programs find out how to show a page within another one (https://oembed.com, §4). */
export function oembedLinks(
	{ publicUrl }: DescribedSite,
	path: string,
	title: string
): NonNullable<PageDescription['alternates']> {
	const asked = encodeURIComponent(publicUrl + path);
	return (['json', 'xml'] as const).map((format) => ({
		href: `/oembed?url=${asked}&format=${format}`,
		type: `${format === 'json' ? 'application' : 'text'}/${format}+oembed`,
		title
	}));
}
