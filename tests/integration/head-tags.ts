/** What a browser makes of the head of a page. */
export interface HeadTags {
	title: string;
	metas: Record<string, string | undefined>;
	/** those that are no icon, manifest, style or script */
	links: Record<string, string | undefined>[];
	structured: Record<string, unknown>[];
}

const OWN_LINKS = new Set(['canonical', 'alternate']);

/** Reads the head of a page of ours, every tag of which is well-formed. */
export function headTagsOf(html: string): HeadTags {
	const head = html.slice(0, html.indexOf('</head>'));
	const metas: HeadTags['metas'] = {};
	for (const [tag] of head.matchAll(/<meta [^>]*>/g)) {
		const { name, property, content } = attributesOf(tag);
		const key = property ?? name;
		// the first of several
		if (key !== undefined && !/^(viewport|color-scheme|theme-color)$/.test(key)) {
			metas[key] ??= content;
		}
	}
	const links = [...head.matchAll(/<link [^>]*>/g)]
		.map(([tag]) => attributesOf(tag))
		.filter(({ rel }) => OWN_LINKS.has(rel ?? ''));
	const scripts = head.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs);
	const structured = [...scripts].map(
		([, json = '']) => JSON.parse(json) as Record<string, unknown>
	);
	const title = decode(/<title>([^<]*)<\/title>/.exec(head)?.[1] ?? '').trim();
	return { title, metas, links, structured };
}

/** The attributes of a tag, as text. */
export function attributesOf(tag: string): Record<string, string | undefined> {
	const found: Record<string, string> = {};
	for (const [, name = '', value = ''] of tag.matchAll(/ ([\w:-]+)="([^"]*)"/g)) {
		found[name] = decode(value);
	}
	return found;
}

const NAMED: Record<string, string> = { quot: '"', '#39': "'", lt: '<', gt: '>', amp: '&' };

const decode = (text: string) =>
	text.replace(/&(quot|#39|lt|gt|amp);/g, (_, name: string) => NAMED[name] ?? '');
