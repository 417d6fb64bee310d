/** What does nothing without scripts; links, fields and forms are the browser's own business. */
const SCRIPTED = 'button[type="button"]:not([popovertarget])';

/**
 * Does what was pressed before the page was alive, each of it once: who presses again as nothing happens
 * wants it no less. Call it when everything listens. A browser counts a press long ago as leave to make
 * sound; one that does not is told of by the player.
 */
export function doEarlyPresses(): void {
	const pressed = window.earlyPresses ?? [];
	window.earlyPresses = undefined;
	const buttons = pressed.map((target) =>
		target instanceof Element ? target.closest<HTMLButtonElement>(SCRIPTED) : null
	);
	for (const button of new Set(buttons)) if (button?.isConnected) button.click();
}
