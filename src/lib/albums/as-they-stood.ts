/** Tracks in the order they stood in when a form was sent. Those it did not have come last. */
export function asTheyStood<T extends { id: number }>(
	tracks: readonly T[],
	sent: readonly { id: number }[]
): readonly T[] {
	const placeOf = new Map(sent.map(({ id }, place) => [id, place]));
	const place = ({ id }: T) => placeOf.get(id) ?? sent.length;
	return [...tracks].sort((a, b) => place(a) - place(b));
}
