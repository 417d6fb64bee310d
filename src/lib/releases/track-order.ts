/** Moves the item at `from` to `to`; both from 0, `to` within the list. */
export function move<T>(list: readonly T[], from: number, to: number): T[] {
	const moved = [...list];
	const [item] = moved.splice(from, 1);
	if (item === undefined) return moved;
	moved.splice(Math.max(0, Math.min(to, moved.length)), 0, item);
	return moved;
}

export interface Numbered {
	discNumber: number | null;
	trackNumber: number | null;
}

/**
 * By disc and track number, as the files say. Those without a number keep their order, behind the
 * others of their disc; one without a disc is of the first.
 */
export function byNumber<T>(list: readonly T[], numberOf: (item: T) => Numbered): T[] {
	const last = Number.MAX_SAFE_INTEGER;
	const rank = (item: T) => {
		const { discNumber, trackNumber } = numberOf(item);
		return { disc: discNumber ?? 1, track: trackNumber ?? last };
	};
	return list
		.map((item) => ({ item, ...rank(item) }))
		.sort((a, b) => a.disc - b.disc || a.track - b.track)
		.map(({ item }) => item);
}

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
