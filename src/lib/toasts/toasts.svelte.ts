import type { ResolvedPathname } from '$app/types';

export type ToastKind = 'success' | 'error' | 'info' | 'warning';

export interface ToastContent {
	kind: ToastKind;
	/** said aloud by assistive software when it changes: keep it still while numbers run */
	message: string;
	/** what changes often: shown, not said */
	detail?: string;
	/** 0..1 shows a bar; null a bar of unknown length */
	progress?: number | null;
	/** what can be done about it, once */
	action?: { label: string; run: () => void };
	link?: { href: ResolvedPathname; label: string };
	/** how long it stays; 0: until it is dismissed or updated. without it the kind decides */
	durationMs?: number;
}

export interface Toast extends ToastContent {
	id: string;
}

const DURATION_MS: Record<ToastKind, number> = {
	success: 3_000,
	error: 5_000,
	info: 3_000,
	warning: 4_000
};

/** The short messages at the edge of the page, newest first; one with a known id is changed in place. */
export class Toasts {
	list = $state.raw<Toast[]>([]);
	// nothing is drawn from it
	#timers: Record<string, ReturnType<typeof setTimeout>> = {};
	#count = 0;

	/** Shows a message, or puts it in the place of the one with the same id. Returns the id. */
	show(content: ToastContent, id: string = `toast-${++this.#count}`): string {
		const toast: Toast = { ...content, id };
		const isShown = this.list.some((shown) => shown.id === id);
		this.list = isShown
			? this.list.map((shown) => (shown.id === id ? toast : shown))
			: [toast, ...this.list];
		this.#keepFor(id, content.durationMs ?? DURATION_MS[content.kind]);
		return id;
	}

	/** Changes a message that is still shown; one that was dismissed stays away. */
	update(id: string, content: ToastContent): void {
		if (this.list.some((shown) => shown.id === id)) this.show(content, id);
	}

	dismiss(id: string): void {
		this.#stopTimer(id);
		this.list = this.list.filter((toast) => toast.id !== id);
	}

	/** A message somebody points at or has focused stays while they read it. */
	hold(id: string): void {
		this.#stopTimer(id);
	}

	/** The end of `hold`: the full time begins anew. */
	release(id: string): void {
		const toast = this.list.find((shown) => shown.id === id);
		if (toast) this.#keepFor(id, toast.durationMs ?? DURATION_MS[toast.kind]);
	}

	#keepFor(id: string, durationMs: number): void {
		this.#stopTimer(id);
		if (durationMs === 0) return;
		this.#timers[id] = setTimeout(() => this.dismiss(id), durationMs);
	}

	#stopTimer(id: string): void {
		clearTimeout(this.#timers[id]);
		Reflect.deleteProperty(this.#timers, id);
	}
}
