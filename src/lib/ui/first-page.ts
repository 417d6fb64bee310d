let isFirst = true;

/** Whether a browser still makes alive what the server has sent. */
export const isFirstPage = (): boolean => isFirst;

/** It is alive: whatever comes next is rendered in the browser. */
export function noteAlive(): void {
	isFirst = false;
}
