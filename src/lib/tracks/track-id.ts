/**
 * The id of a track as it stands in an address. What is no id (`1e0`, `01`, ` 1`) is NaN, which no track
 * has: two addresses of one page would be two pages to everybody else.
 */
export const trackIdIn = (text: string): number =>
	/^[1-9]\d{0,14}$/.test(text) ? Number(text) : NaN;
