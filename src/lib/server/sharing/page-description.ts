/** What a page is, for those who show a link to it: other sites, search engines, programs. */
export interface PageDescription {
	/** the page's one address, from the root on: `/track/12` */
	path: string;
	/** one or two sentences; what people typed may be in it */
	description: string;
	/** as the Open Graph protocol names it; `website` when it is left out */
	type?: 'website' | 'profile' | 'music.song' | 'music.album';
	/** without the name of the site; the page's own title when it is left out */
	title?: string;
	/** the site's symbol when it is left out */
	image?: PageImage;
	/** further properties of the type: `['music:duration', '120']`; addresses may begin at the root */
	properties?: (readonly [name: string, content: string])[];
	/** the same in other forms: records, feeds, players */
	alternates?: { href: string; rel?: string; type?: string; title?: string }[];
	/** kept out of search engines */
	isHidden?: boolean;
	/** what schema.org calls it; each becomes one script of data */
	structured?: object[];
}

export interface PageImage {
	/** from the root on */
	path: string;
	/** its MIME type */
	type: string;
	width: number;
	height: number;
	/** what is to be seen */
	alt: string;
}

/** What is said about each page of the site. */
export interface DescribedSite {
	appName: string;
	tagline: string;
	/** origin, without a slash at the end */
	publicUrl: string;
}
