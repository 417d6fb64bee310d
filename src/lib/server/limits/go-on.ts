/**
 * When something can be done again, in words: "go on in 12 minutes, at 14:32 utc". The hour is left
 * out of what is over before anybody has looked at a clock.
 */
export function goOn(retryAfterSeconds: number, now = new Date()): string {
	const seconds = Math.max(1, Math.ceil(retryAfterSeconds));
	if (seconds < 90) return `go on in ${count(seconds, 'second')}`;
	const minutes = Math.ceil(seconds / 60);
	const at = new Date(now.getTime() + seconds * 1000).toISOString().slice(11, 16);
	if (minutes < 120) return `go on in ${count(minutes, 'minute')}, at ${at} utc`;
	return `go on in ${count(Math.ceil(minutes / 60), 'hour')}, at ${at} utc`;
}

const count = (amount: number, unit: string) => `${amount} ${unit}${amount === 1 ? '' : 's'}`;
