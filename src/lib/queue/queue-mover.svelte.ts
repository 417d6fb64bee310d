import { tick } from 'svelte';

/** A row being dragged, and where it would be put now. The list may change meanwhile. */
interface Drag {
	id: string;
	/** of the row it would be put before; null: behind all */
	beforeId: string | null;
	/** px from the beginning of the list to where it is drawn */
	topPx: number;
}

/** The list that is reordered: rows of one height, of which only those in sight are there. */
interface EvenList {
	/** beforeId null: to the end */
	move: (id: string, beforeId: string | null) => void;
	nameAt: (index: number) => string;
	/** of what never changes but its place */
	idAt: (index: number) => string | undefined;
	count: () => number;
	rowPx: () => number;
	scroller: () => HTMLElement;
}

/** Nearer than this to an edge, the list runs under what is dragged. */
const EDGE_PX = 56;
const RUN_PX = 12;
/** A press that moves less is none. */
const STEADY_PX = 4;

/** Reorders the queue by pointer and by keyboard, and says aloud what happened. */
export class QueueMover {
	announcement = $state('');
	/** whether the last press of a handle was a drag: the click that follows it is none then */
	wasDragged = false;
	#drag = $state.raw<Drag | null>(null);
	readonly #list: EvenList;
	/** where the dragged row is in the list as it is now, and where it would be put */
	readonly #place = $derived.by(() => {
		const drag = this.#drag;
		const from = drag ? this.#indexOf(drag.id) : -1;
		if (!drag || from < 0) return null;
		const { beforeId, topPx } = drag;
		const below = beforeId === null ? this.#list.count() : this.#indexOf(beforeId);
		// what it would be put before is gone: where it is drawn counts
		const to = below < 0 ? this.#slotAt(topPx) : below > from ? below - 1 : below;
		return { from, to, topPx };
	});

	constructor(list: EvenList) {
		this.#list = list;
	}

	/** the row that is dragged; it stays there however far the list runs */
	get draggedIndex(): number | null {
		return this.#place?.from ?? null;
	}

	/** How far from its place a row is drawn, in px. */
	shiftOf(index: number): number {
		if (!this.#place) return 0;
		const { from, to, topPx } = this.#place;
		if (index === from) return topPx - from * this.#list.rowPx();
		if (index < Math.min(from, to) || index > Math.max(from, to)) return 0;
		return to > from ? -this.#list.rowPx() : this.#list.rowPx();
	}

	/** By a key or a button. What has the focus keeps it. */
	async moveTo(from: number, to: number): Promise<void> {
		const count = this.#list.count();
		const target = Math.max(0, Math.min(to, count - 1));
		const name = this.#list.nameAt(from);
		if (target === from) {
			this.announcement = `${name} is ${from === 0 ? 'the first' : 'the last'} already`;
			return;
		}
		const id = this.#list.idAt(from);
		if (id === undefined) return;
		const focused = document.activeElement;
		this.#list.move(id, this.#list.idAt(target > from ? target + 1 : target) ?? null);
		await tick();
		// a row that is put elsewhere loses the focus with some browsers
		if (focused instanceof HTMLElement && focused.isConnected) focused.focus();
		this.announcement = `${name} is now ${target + 1} of ${count}`;
	}

	/** Alt with an arrow, home or end, anywhere in a row. */
	key(event: KeyboardEvent, index: number): void {
		if (!event.altKey || event.ctrlKey || event.metaKey) return;
		const last = this.#list.count() - 1;
		const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: last }[event.key];
		if (to === undefined) return;
		event.preventDefault();
		void this.moveTo(index, to);
	}

	/** A handle is pressed: the row follows the pointer until it is let go. */
	start(event: PointerEvent & { currentTarget: HTMLElement }, index: number): void {
		const id = this.#list.idAt(index);
		if (event.button !== 0 || id === undefined) return;
		const handle = event.currentTarget;
		const scroller = this.#list.scroller();
		const startY = event.clientY + scroller.scrollTop;
		const listening = new AbortController();
		const { signal } = listening;
		let clientY = event.clientY;
		let frame = 0;
		this.wasDragged = false;
		handle.setPointerCapture(event.pointerId);
		const follow = () => {
			const rowPx = this.#list.rowPx();
			const topPx = index * rowPx + clientY + scroller.scrollTop - startY;
			const from = this.#indexOf(id);
			const to = this.#slotAt(topPx);
			const beforeId = this.#list.idAt(to >= from ? to + 1 : to) ?? null;
			if (from < 0) end(false);
			else this.#drag = { id, beforeId, topPx };
		};
		const run = () => {
			const { top, bottom } = scroller.getBoundingClientRect();
			const step = clientY < top + EDGE_PX ? -RUN_PX : clientY > bottom - EDGE_PX ? RUN_PX : 0;
			if (step !== 0 && this.#drag) {
				scroller.scrollTop += step;
				follow();
			}
			frame = requestAnimationFrame(run);
		};
		const end = (isLetGo: boolean) => {
			listening.abort();
			cancelAnimationFrame(frame);
			const place = this.#place;
			this.#drag = null;
			if (isLetGo && place && place.to !== place.from) void this.moveTo(place.from, place.to);
		};
		frame = requestAnimationFrame(run);
		handle.addEventListener(
			'pointermove',
			(moved: PointerEvent) => {
				({ clientY } = moved);
				if (Math.abs(clientY + scroller.scrollTop - startY) < STEADY_PX && !this.#drag) return;
				this.wasDragged = true;
				follow();
			},
			{ signal }
		);
		handle.addEventListener('pointerup', () => end(true), { signal });
		handle.addEventListener('pointercancel', () => end(false), { signal });
		const cancel = (pressed: KeyboardEvent) => {
			if (pressed.key !== 'Escape') return;
			// the panel stays open
			pressed.preventDefault();
			pressed.stopPropagation();
			end(false);
		};
		window.addEventListener('keydown', cancel, { signal, capture: true });
	}

	/** The place of a row that is drawn there, in px from the beginning of the list. */
	#slotAt(topPx: number): number {
		const slot = Math.round(topPx / this.#list.rowPx());
		return Math.max(0, Math.min(slot, this.#list.count() - 1));
	}

	#indexOf(id: string): number {
		for (let i = 0; i < this.#list.count(); i++) if (this.#list.idAt(i) === id) return i;
		return -1;
	}
}
