/** As many rows as are asked for: with them the page is as large as another one. */
export const load = ({ url }: { url: URL }) => ({
	rows: Array.from({ length: Number(url.searchParams.get('rows') ?? '50') }, (_, index) => ({
		id: index,
		title: `the title of track ${index}`,
		artist: `artist ${index}`,
		handle: `artist${index}.example.social`,
		duration: '3:05'
	}))
});
