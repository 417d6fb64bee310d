import { albumPath } from '#lib/albums/album.ts';
import { artistPath } from '#lib/artists/artist-path.ts';
import type { Context } from '#lib/server/context.ts';
import { notFound } from '#lib/server/errors.ts';
import {
	element,
	renderXml,
	textElement,
	XML_DECLARATION,
	xmlDocument
} from '#lib/server/xml/element.ts';
import {
	findPages,
	findParts,
	SITEMAP_KINDS,
	type SitemapKind,
	type SitemapPart,
	type SitemapRow
} from './queries.ts';

type Reader = Pick<Context, 'config' | 'db'>;

/** The protocol allows 50,000; what is published while a part is read finds room. */
const PAGES_PER_PART = 45_000;
/** So many are in memory at a time. */
const BATCH = 1_000;

const NAMESPACE = 'http://www.sitemaps.org/schemas/sitemap/0.9';
const IMAGE_NAMESPACE = 'http://www.google.com/schemas/sitemap-image/1.1';

/** Pages that are not of somebody's music. */
const SITE_PAGES = ['/', '/about', '/terms', '/privacy', '/costs', '/docs/api'];

/**
 * The index of all sitemaps.
 * @param pagesPerPart another size, for tests
 */
export async function sitemapIndex(ctx: Reader, pagesPerPart = PAGES_PER_PART): Promise<string> {
	const listed = [entry(ctx, 'site', 1, null)];
	for (const kind of SITEMAP_KINDS) {
		const parts = await findParts(ctx.db, kind, pagesPerPart);
		listed.push(...parts.map((part, index) => entry(ctx, kind, index + 1, part.changed_at)));
	}
	return xmlDocument(element('sitemapindex', { xmlns: NAMESPACE }, ...listed));
}

const entry = ({ config }: Reader, kind: string, page: number, changedAt: Date | null) =>
	element(
		'sitemap',
		{},
		textElement('loc', `${config.publicUrl}/sitemap-${kind}-${page}.xml`),
		changedAt && textElement('lastmod', changedAt.toISOString())
	);

/**
 * One sitemap, written while it is read: however many pages it has, few of them are in memory.
 * @param kind and `page`: as they stand in the address
 * @throws DomainError 404
 */
export async function openSitemap(
	ctx: Reader,
	{ kind, page }: { kind: string; page: string },
	pagesPerPart = PAGES_PER_PART
): Promise<ReadableStream<Uint8Array>> {
	const index = /^[1-9]\d{0,5}$/.test(page) ? Number(page) - 1 : -1;
	if (kind === 'site' && index === 0) return streamOf(urlset(sitePages(ctx)));
	const known = SITEMAP_KINDS.find((one) => one === kind);
	const parts = known && index >= 0 ? await findParts(ctx.db, known, pagesPerPart) : [];
	const part = parts[index];
	if (known === undefined || !part) throw notFound('there is no such sitemap');
	return streamOf(urlset(listedPages(ctx, known, part, parts[index + 1])));
}

async function* urlset(
	pages: AsyncIterable<string> | Iterable<string>
): AsyncGenerator<string, void> {
	yield `${XML_DECLARATION}<urlset xmlns="${NAMESPACE}" xmlns:image="${IMAGE_NAMESPACE}">\n`;
	yield* pages;
	yield '</urlset>\n';
}

function* sitePages({ config }: Reader): Generator<string> {
	for (const path of SITE_PAGES) {
		yield `${renderXml(element('url', {}, textElement('loc', config.publicUrl + path)))}\n`;
	}
}

async function* listedPages(
	ctx: Reader,
	kind: SitemapKind,
	part: SitemapPart,
	next: SitemapPart | undefined
): AsyncGenerator<string> {
	const until = next?.first_key ?? null;
	let from = part.first_key;
	let isAfter = false;
	for (;;) {
		const rows = await findPages(ctx.db, kind, { from, isAfter, until, limit: BATCH });
		yield rows.map((row) => `${renderXml(url(ctx, kind, row))}\n`).join('');
		const last = rows.at(-1);
		if (!last || rows.length < BATCH) return;
		from = last.key;
		isAfter = true;
	}
}

function url({ config: { publicUrl } }: Reader, kind: SitemapKind, row: SitemapRow) {
	const image = row.image_id && `${publicUrl}/images/${row.image_id}?size=1200&format=jpeg`;
	return element(
		'url',
		{},
		textElement('loc', publicUrl + pathOf(kind, row)),
		textElement('lastmod', row.changed_at.toISOString()),
		image && element('image:image', {}, textElement('image:loc', image))
	);
}

const addressed = (did: string | null, handle: string | null) => ({
	handle: handle ?? '',
	...(did === null ? {} : { did })
});

function pathOf(kind: SitemapKind, { key, did, handle, slug }: SitemapRow): string {
	switch (kind) {
		case 'tracks':
			return `/track/${key}`;
		case 'albums':
			return albumPath({ slug: slug ?? '', artist: addressed(did, handle) });
		case 'artists':
			return artistPath(addressed(did, handle));
		case 'tags':
			return `/tag/${encodeURIComponent(key)}`;
	}
}

/** Written as fast as it is taken, and left when nobody takes it any more. */
function streamOf(texts: AsyncGenerator<string, void>): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	return new ReadableStream({
		async pull(controller) {
			const { done, value } = await texts.next();
			if (done) controller.close();
			else controller.enqueue(encoder.encode(value));
		},
		async cancel() {
			await texts.return(undefined);
		}
	});
}
