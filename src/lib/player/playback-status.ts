/** What the player is doing, as one word. */
export type PlaybackStatus = 'idle' | 'loading' | 'playing' | 'paused' | 'ended' | 'failed';

/** HTMLMediaElement.HAVE_FUTURE_DATA: there is sound for the next moment. */
const HAVE_FUTURE_DATA = 3;

/** What is read from an audio element to know what it does. */
export type ElementFacts = Pick<HTMLMediaElement, 'paused' | 'ended' | 'readyState' | 'error'>;

/**
 * Derives the status from the element as it is at this moment. Events only say that it is worth
 * looking: setting a source resets all of these at once (HTML, media element load algorithm), so
 * an event the former source left behind finds the new source's truth and can do no harm.
 */
export function playbackStatus(element: ElementFacts): PlaybackStatus {
	if (element.error) return 'failed';
	if (element.ended) return 'ended';
	if (element.paused) return 'paused';
	return element.readyState >= HAVE_FUTURE_DATA ? 'playing' : 'loading';
}
