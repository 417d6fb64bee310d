/** What says nothing to anybody but one person, or the same as a page does. */
const NOT_FOR_ROBOTS = [
	'/api/',
	'/auth/',
	'/login',
	'/portal',
	'/profile/',
	'/settings',
	'/upload',
	'/liked',
	'/search',
	'/offline',
	'/track/*/edit',
	'/track/*/delete',
	'/track/*/replace',
	'/u/*/album/*/edit'
];

/** robots.txt (RFC 9309): what is not to be read, and where everything else is listed. */
export const robotsTxt = (publicUrl: string): string =>
	[
		'User-agent: *',
		...NOT_FOR_ROBOTS.map((path) => `Disallow: ${path}`),
		'Allow: /',
		'',
		`Sitemap: ${publicUrl}/sitemap.xml`,
		''
	].join('\n');
