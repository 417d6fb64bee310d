/** Nothing here is longer than a day. */
const MAX_SECONDS = 24 * 60 * 60;

const IN_UNITS = /^(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s?)?$/;
const BY_CLOCK = /^(?:(\d{1,2}):)?(\d{1,4}):(\d{2})$/;

/**
 * The moment an address names with `?t=`, in seconds: "90", "90s", "1m30s", "1h2m3s", "1:30",
 * "1:02:03"; with a fraction, "90.5".
 * @returns null for anything else
 */
export function parseMoment(text: string | null | undefined): number | null {
	const asked = (text ?? '').trim().toLowerCase();
	if (asked === '') return null;
	if (/^\d{1,5}\.\d{1,3}s?$/.test(asked)) return within(Number.parseFloat(asked));
	const [, ...parts] = IN_UNITS.exec(asked) ?? BY_CLOCK.exec(asked) ?? [];
	if (parts.length === 0) return null;
	const [hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part || 0));
	return within(hours * 3600 + minutes * 60 + seconds);
}

const within = (seconds: number) => (seconds <= MAX_SECONDS ? seconds : null);

/** How an address names a moment: whole seconds. */
export const momentInAddress = (seconds: number): string =>
	String(Math.max(0, Math.floor(seconds)));
