import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import { applyLook } from './apply-look.ts';
import { keepInBrowser } from './kept-in-browser.ts';
import type { OwnPreferences } from './own-preferences.svelte.ts';
import { type PreferencesJson, preferencesToJson } from './preferences-json.ts';
import type { Preferences } from './preferences.ts';

/** A color is dragged through many others. */
const SETTLE_MS = 300;

/**
 * Changes what was chosen: it counts at once, in every tab; is kept in this browser; and with the
 * account of who is signed in, a moment later.
 */
export class PreferenceChanges {
	readonly #own: OwnPreferences;
	/** null: nobody is signed in */
	readonly #toasts: Toasts | null;
	#unsaved: Partial<PreferencesJson> | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** one after another, so that the last one is the last */
	#saving = Promise.resolve();

	/** @param toasts where it is said that the account could not be told; null: there is none */
	constructor(own: OwnPreferences, toasts: Toasts | null) {
		this.#own = own;
		this.#toasts = toasts;
	}

	change(change: Partial<Preferences>): void {
		const before = preferencesToJson(this.#own.current);
		const next = { ...this.#own.current, ...change };
		const json = preferencesToJson(next);
		this.#own.choose(next);
		applyLook(next);
		const changed: Partial<PreferencesJson> = Object.fromEntries(
			Object.entries(json).filter(
				([name, value]) => before[name as keyof PreferencesJson] !== value
			)
		);
		keepInBrowser(changed);
		if (!this.#toasts) return;
		this.#unsaved = { ...this.#unsaved, ...changed };
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.flush(), SETTLE_MS);
	}

	/** Sends what has not been sent: the page is being left, or it was time. */
	flush(): void {
		clearTimeout(this.#timer);
		const change = this.#unsaved;
		this.#unsaved = undefined;
		if (change) this.#saving = this.#saving.then(() => this.#save(change));
	}

	async #save(change: Partial<PreferencesJson>): Promise<void> {
		const isSaved = await fetch('/api/preferences/', {
			method: 'PATCH',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(change),
			keepalive: true
		}).then(
			({ ok }) => ok,
			() => false
		);
		if (isSaved) return;
		const run = () => {
			this.#unsaved = { ...change, ...this.#unsaved };
			this.flush();
		};
		const message =
			'it could not be saved with your account: your other devices do not know it yet';
		this.#toasts?.show(
			{ kind: 'error', message, action: { label: 'try again', run }, durationMs: 0 },
			'preferences'
		);
	}
}
