import { cleanLine } from '#lib/server/uploads/clean-text.ts';
import { escapeMarkup } from '#lib/sharing/escape-markup.ts';
import { jsonForScript } from './json-for-script.ts';
import type { DescribedSite, PageDescription, PageImage } from './page-description.ts';

/** Longer ones are cut by whoever shows them. */
const MAX_DESCRIPTION_CHARACTERS = 300;
/** A picture at least this wide is shown large. */
const LARGE_PX = 600;

const SYMBOL: PageImage = {
	path: '/icon-512.png',
	type: 'image/png',
	width: 512,
	height: 512,
	alt: ''
};

/**
 * The tags of a page's head, without its `<title>`. Whatever people typed is inert in them.
 * @param described null: of a page that says nothing about itself there is little to say
 * @param pageTitle of the page, as text
 */
export function writeHeadTags(
	site: DescribedSite,
	described: PageDescription | null,
	pageTitle: string
): string {
	const { path, type = 'website', image = SYMBOL } = described ?? {};
	const title = cleanLine(described?.title ?? pageTitle) || site.appName;
	const description = shorten(cleanLine(described?.description ?? site.tagline));
	const address = path === undefined ? null : absolute(site, path);
	const imageAddress = absolute(site, image.path);
	return [
		meta('name', 'description', description),
		described?.isHidden ? meta('name', 'robots', 'noindex') : '',
		address === null ? '' : link('canonical', address),
		...(described?.alternates ?? []).map(({ href, rel = 'alternate', type, title }) =>
			link(rel, absolute(site, href), { type, title })
		),
		meta('property', 'og:site_name', site.appName),
		meta('property', 'og:type', type),
		meta('property', 'og:title', title),
		meta('property', 'og:description', description),
		address === null ? '' : meta('property', 'og:url', address),
		...imageTags(image, imageAddress),
		...(described?.properties ?? []).map(([name, content]) =>
			meta('property', name, absolute(site, content))
		),
		meta('name', 'twitter:card', image.width >= LARGE_PX ? 'summary_large_image' : 'summary'),
		meta('name', 'twitter:title', title),
		meta('name', 'twitter:description', description),
		meta('name', 'twitter:image', imageAddress),
		image.alt === '' ? '' : meta('name', 'twitter:image:alt', image.alt),
		...(described?.structured ?? []).map(
			(one) => `<script type="application/ld+json">${jsonForScript(one)}</script>`
		)
	].join('');
}

function imageTags(image: PageImage, address: string): string[] {
	return [
		meta('property', 'og:image', address),
		address.startsWith('https:') ? meta('property', 'og:image:secure_url', address) : '',
		meta('property', 'og:image:type', image.type),
		meta('property', 'og:image:width', String(image.width)),
		meta('property', 'og:image:height', String(image.height)),
		image.alt === '' ? '' : meta('property', 'og:image:alt', image.alt)
	];
}

const absolute = ({ publicUrl }: DescribedSite, address: string): string =>
	/^\/(?!\/)/.test(address) ? publicUrl + address : address;

function meta(kind: 'name' | 'property', name: string, content: string): string {
	return `<meta ${kind}="${escapeMarkup(name)}" content="${escapeMarkup(cleanLine(content))}">`;
}

function link(
	rel: string,
	href: string,
	{ type, title }: { type?: string | undefined; title?: string | undefined } = {}
): string {
	const attributes = Object.entries({ rel, href, type, title }).flatMap(([name, value]) =>
		value === undefined ? [] : [`${name}="${escapeMarkup(cleanLine(value))}"`]
	);
	return `<link ${attributes.join(' ')}>`;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function shorten(text: string): string {
	if (text.length <= MAX_DESCRIPTION_CHARACTERS) return text;
	let kept = '';
	for (const { segment } of graphemes.segment(text)) {
		if (kept.length + segment.length >= MAX_DESCRIPTION_CHARACTERS) break;
		kept += segment;
	}
	return `${kept.trimEnd()}…`;
}
