/** What uses the space bar itself, or is being typed into. */
const CONTROLS =
	'a[href], button, input, textarea, select, summary, audio, video, iframe, [contenteditable], [role="button"], [role="slider"], [role="menuitem"], [role="option"]';

/** Whether this key press is a bare space outside every control: then it is the player's. */
export function isPlayerSpace(event: KeyboardEvent): boolean {
	if (event.key !== ' ' || event.defaultPrevented || event.repeat) return false;
	if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
	return !(event.target instanceof Element && event.target.closest(CONTROLS));
}
