const MINUTE_S = 60;
const HOUR_S = 3600;

/** A position or length as people read it on a player: "1:23", "1:02:03"; "0:00" for what is unknown. */
export function clockTime(seconds: number): string {
	const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
	const hours = Math.floor(whole / HOUR_S);
	const minutes = Math.floor((whole % HOUR_S) / MINUTE_S);
	const rest = String(whole % MINUTE_S).padStart(2, '0');
	if (hours === 0) return `${minutes}:${rest}`;
	return `${hours}:${String(minutes).padStart(2, '0')}:${rest}`;
}

/** The length of a track, from milliseconds: the same that a player shows at its end. */
export const trackLength = (durationMs: number): string => clockTime(durationMs / 1000);

/** The same for the `datetime` of a time element (HTML's duration string): "PT83S". */
export const machineLength = (durationMs: number): string => `PT${Math.floor(durationMs / 1000)}S`;

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** A size in decimal units: "512 bytes", "4.2 MB", "1.5 GB". */
export function byteSize(bytes: number): string {
	let unit = 0;
	let value = Math.max(0, bytes);
	while (value >= 999.5 && unit < UNITS.length - 1) {
		value /= 1000;
		unit += 1;
	}
	const digits = unit === 0 || value >= 99.95 ? 0 : 1;
	return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** What is left of a wait, roughly: "a few seconds", "about 40 seconds", "about 3 minutes". */
export function timeLeft(seconds: number): string {
	if (seconds < 8) return 'a few seconds';
	if (seconds < 55) return `about ${Math.ceil(seconds / 5) * 5} seconds`;
	if (seconds < 90) return 'about a minute';
	if (seconds < HOUR_S) return `about ${Math.round(seconds / MINUTE_S)} minutes`;
	const hours = Math.round(seconds / HOUR_S);
	return hours === 1 ? 'about an hour' : `about ${hours} hours`;
}

const DAY = new Intl.DateTimeFormat('en', {
	day: 'numeric',
	month: 'short',
	year: 'numeric',
	timeZone: 'UTC'
});

/** A day in lower case, the same on the server and in every browser: "nov 19, 2025" (UTC). */
export const day = (iso: string): string => DAY.format(new Date(iso)).toLowerCase();

/** A time of today as a person's clock shows it: "14:05". */
export function clockOfDay(ms: number): string {
	const at = new Date(ms);
	return `${at.getHours()}:${String(at.getMinutes()).padStart(2, '0')}`;
}

const MOMENT = new Intl.DateTimeFormat('en', {
	day: 'numeric',
	month: 'short',
	year: 'numeric',
	hour: '2-digit',
	minute: '2-digit',
	hourCycle: 'h23'
});

/** A moment on this person's clock: "dec 1, 2025, 20:00". On the server, by the server's clock. */
export const momentInWords = (iso: string): string => MOMENT.format(new Date(iso)).toLowerCase();
