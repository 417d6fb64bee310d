/** Ranges may begin a little behind the position that asked for them. */
const SLACK_SECONDS = 0.2;

/** The end of the part that is there already around a position; the position itself when nothing is. */
export function bufferedUntil(
	buffered: Pick<TimeRanges, 'length' | 'start' | 'end'>,
	seconds: number
): number {
	for (let index = 0; index < buffered.length; index++) {
		const isAround = buffered.start(index) <= seconds + SLACK_SECONDS;
		if (isAround && seconds <= buffered.end(index)) return buffered.end(index);
	}
	return seconds;
}
