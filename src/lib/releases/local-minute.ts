const two = (value: number) => String(value).padStart(2, '0');

/** A moment as a `datetime-local` field shows it on this person's clock: "2025-12-01T20:00". */
export function localMinute(iso: string): string {
	const at = new Date(iso);
	if (Number.isNaN(at.getTime())) return '';
	const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
	return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The moment such a field means, ISO; null for an empty or half filled one. */
export function minuteFrom(value: string): string | null {
	const at = new Date(value);
	return value === '' || Number.isNaN(at.getTime()) ? null : at.toISOString();
}
