/** Rows as CSV (RFC 4180): commas, CRLF, quotes where they are needed. */
export const csv = (rows: readonly (readonly (string | number)[])[]): string =>
	rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');

function field(value: string | number): string {
	// a table program would take such a title for a formula and carry it out
	const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : `${value}`;
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
