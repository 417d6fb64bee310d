const ASIDE = 'aside';

/** Whether something lies over the middle of what has the focus. */
function covers(region: Element, focused: Element): boolean {
	const over = region.getBoundingClientRect();
	const { left, right, top, bottom } = focused.getBoundingClientRect();
	const [x, y] = [(left + right) / 2, (top + bottom) / 2];
	return over.left < x && x < over.right && over.top < y && y < over.bottom;
}

/**
 * What has the focus is not hidden behind messages (WCAG 2.4.11): they go to the other end of the
 * window when it would be. @returns how to stop
 */
export function makeRoom(region: HTMLElement): () => void {
	const look = ({ target }: FocusEvent) => {
		if (!(target instanceof Element) || region.contains(target)) return;
		const move = () => {
			if (covers(region, target)) region.classList.toggle(ASIDE);
		};
		move();
		// a browser brings it into view only then
		requestAnimationFrame(move);
	};
	document.addEventListener('focusin', look);
	return () => document.removeEventListener('focusin', look);
}
