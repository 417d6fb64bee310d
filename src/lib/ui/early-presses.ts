/**
 * Does what was pressed before the page was alive, which app.html has kept. Call it when everything
 * listens. A browser counts a press long ago as leave to make sound; one that does not is told of by the
 * player.
 */
export const doEarlyPresses = (): boolean => dispatchEvent(new Event('alive'));
