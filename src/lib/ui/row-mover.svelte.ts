import { tick } from 'svelte';
import { dragTarget } from './drag-target.ts';

/** A row being dragged, and where it would be put now. */
interface Drag {
	from: number;
	to: number;
	/** px since it was picked up */
	dy: number;
	rows: { top: number; height: number }[];
}

const EDGE_PX = 72;
const SCROLL_PX = 14;

/** Reorders a list by pointer and by keyboard, and says aloud what happened. */
export class RowMover {
	announcement = $state('');
	#drag = $state.raw<Drag | null>(null);
	#move: (from: number, to: number) => void;
	#nameAt: (index: number) => string;
	#count: () => number;

	constructor(list: {
		move: (from: number, to: number) => void;
		nameAt: (index: number) => string;
		count: () => number;
	}) {
		this.#move = list.move;
		this.#nameAt = list.nameAt;
		this.#count = list.count;
	}

	isDragged(index: number): boolean {
		return this.#drag?.from === index;
	}

	/** How a row is drawn while one is dragged; undefined: where it lies. */
	transformOf(index: number): string | undefined {
		const drag = this.#drag;
		if (!drag) return undefined;
		if (index === drag.from) return `translateY(${drag.dy}px)`;
		const [low, high] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
		if (index < low || index > high) return undefined;
		const step = (drag.rows[drag.from]?.height ?? 0) * (drag.to > drag.from ? -1 : 1);
		return `translateY(${step}px)`;
	}

	/** By buttons, arrows or a typed number. What has the focus keeps it. */
	async moveTo(from: number, to: number): Promise<void> {
		const target = Math.max(0, Math.min(to, this.#count() - 1));
		const name = this.#nameAt(from);
		if (target === from) {
			this.announcement = `${name} is ${from === 0 ? 'the first' : 'the last'} already`;
			return;
		}
		const focused = document.activeElement;
		this.#move(from, target);
		await tick();
		if (focused instanceof HTMLElement && focused !== document.activeElement) focused.focus();
		this.announcement = `${name} is now ${target + 1} of ${this.#count()}`;
	}

	/** Alt with an arrow, anywhere in a row. */
	key(event: KeyboardEvent, index: number): void {
		if (!event.altKey || event.ctrlKey || event.metaKey) return;
		const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
		if (step === undefined) return;
		event.preventDefault();
		void this.moveTo(index, index + step);
	}

	/** A handle is pressed: the row follows the pointer until it is let go. */
	start(event: PointerEvent & { currentTarget: HTMLElement }, index: number): void {
		if (event.button !== 0) return;
		const handle = event.currentTarget;
		const list = handle.closest('ol');
		if (!list) return;
		const rows = [...list.children].map((row) => {
			const { top, height } = row.getBoundingClientRect();
			return { top: top + scrollY, height };
		});
		const startY = event.clientY + scrollY;
		this.#drag = { from: index, to: index, dy: 0, rows };
		handle.setPointerCapture(event.pointerId);
		const listening = new AbortController();
		const { signal } = listening;
		const follow = (clientY: number) => {
			const dy = clientY + scrollY - startY;
			this.#drag = { from: index, to: dragTarget(rows, index, dy), dy, rows };
		};
		const end = (isLetGo: boolean) => {
			listening.abort();
			const to = this.#drag?.to ?? index;
			this.#drag = null;
			if (isLetGo && to !== index) void this.moveTo(index, to);
		};
		handle.addEventListener(
			'pointermove',
			({ clientY }: PointerEvent) => {
				if (clientY < EDGE_PX) scrollBy(0, -SCROLL_PX);
				if (clientY > innerHeight - EDGE_PX) scrollBy(0, SCROLL_PX);
				follow(clientY);
			},
			{ signal }
		);
		handle.addEventListener('pointerup', () => end(true), { signal });
		handle.addEventListener('pointercancel', () => end(false), { signal });
		window.addEventListener(
			'keydown',
			({ key }) => {
				if (key === 'Escape') end(false);
			},
			{ signal }
		);
	}
}
