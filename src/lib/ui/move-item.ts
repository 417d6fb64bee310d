/** Moves the item at `from` to `to`; both from 0, `to` within the list. */
export function moveItem<T>(list: readonly T[], from: number, to: number): T[] {
	const moved = [...list];
	const [item] = moved.splice(from, 1);
	if (item === undefined) return moved;
	moved.splice(Math.max(0, Math.min(to, moved.length)), 0, item);
	return moved;
}
