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
