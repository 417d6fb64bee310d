/**
 * Does what was pressed before the page was alive, which app.html has kept: buttons that do nothing without
 * scripts, each of them once, as who presses again because nothing happens wants it no less. Links, fields
 * and forms are the browser's own business. Call it when everything listens. A browser counts a press long
 * ago as leave to make sound; one that does not is told of by the player.
 */
export const doEarlyPresses = (): boolean => dispatchEvent(new Event('alive'));
