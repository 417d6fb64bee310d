/** The place an item is dragged to: the row its middle has passed, of rows as they lay at the start. */
export function dragTarget(
	rows: { top: number; height: number }[],
	from: number,
	dy: number
): number {
	const own = rows[from];
	if (!own) return from;
	const middle = own.top + own.height / 2 + dy;
	let to = from;
	rows.forEach(({ top, height }, index) => {
		const line = top + height / 2;
		if (index > from && middle > line) to = Math.max(to, index);
		if (index < from && middle < line) to = Math.min(to, index);
	});
	return to;
}
