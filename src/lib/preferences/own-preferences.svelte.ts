import { type Channel, openChannel } from '#lib/open-channel.ts';
import type { Preferences } from './preferences.ts';

const CHANNEL = 'plyr-preferences';

/** What whoever is at this page has chosen; the server made the page with it. */
export class OwnPreferences {
	current = $state.raw<Preferences>() as Preferences;
	#tabs: Channel | undefined;

	constructor(current: Preferences) {
		this.current = current;
	}

	/** Whether fewer bytes are better than quality, or than being a moment faster. */
	get isDataReduced(): boolean {
		const { reducedData } = this.current;
		const { connection } = navigator as { connection?: { saveData?: boolean } };
		return reducedData === 'on' || (reducedData === 'auto' && connection?.saveData === true);
	}

	/** Follows what is chosen in other tabs. @returns how to stop */
	followTabs(): () => void {
		const tabs = openChannel(CHANNEL);
		tabs.onmessage = ({ data }: MessageEvent<Preferences>) => {
			this.current = data;
			const paint = ({ applyLook }: typeof import('./apply-look.ts')) => applyLook(data);
			// without it the tab looks as before, up to its next page
			import('./apply-look.ts').then(paint, () => undefined);
		};
		this.#tabs = tabs;
		return () => tabs.close();
	}

	/** Replaces what was chosen, here and in other tabs. */
	choose(preferences: Preferences): void {
		this.current = preferences;
		this.#tabs?.postMessage(preferences);
	}
}
