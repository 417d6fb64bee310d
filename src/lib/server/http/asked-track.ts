/**
 * Where `/?track=` leads, an address that others may still have: to the page on which the track can be
 * played, with the moment that is named (`t`). Nothing plays without being pressed.
 * @returns undefined when no track is named
 */
export function askedTrackPath({ searchParams }: URL): string | undefined {
	const id = searchParams.get('track') ?? '';
	if (!/^[1-9]\d{0,9}$/.test(id)) return undefined;
	const moment = searchParams.get('t');
	return `/track/${id}${moment ? `?${new URLSearchParams({ t: moment })}` : ''}`;
}
