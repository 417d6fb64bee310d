import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AudibleTab, type AudibleTabEnvironment } from './audible-tab.ts';

const silentChannel = (): AudibleTabEnvironment['channel'] => ({
	onmessage: null,
	postMessage: () => undefined,
	close: () => undefined
});

/** How often a tab was told each. */
function tabWith(locks: AudibleTabEnvironment['locks'], channel = silentChannel()) {
	const told = { granted: 0, taken: 0 };
	const events = { granted: () => told.granted++, taken: () => told.taken++ };
	return { told, tab: new AudibleTab(events, { locks, channel }) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the right of a tab to sound', () => {
	it('is given at once where the browser has no locks', () => {
		const { tab, told } = tabWith(undefined);
		tab.claim();
		tab.claim();
		assert.deepEqual([tab.isOurs, told], [true, { granted: 1, taken: 0 }]);
	});

	it('is given where the browser refuses its locks, as it does when site data is blocked', async () => {
		const refused = new DOMException('request() is not allowed', 'SecurityError');
		const { tab, told } = tabWith({ request: () => Promise.reject(refused) });
		tab.claim();
		await settled();
		assert.deepEqual([tab.isOurs, told], [true, { granted: 1, taken: 0 }]);
	});

	it('is given up when it was given back before it came', async () => {
		let hold: ((lock: Lock | null) => unknown) | undefined;
		const request = (_name: string, _options: LockOptions, callback: typeof hold) => {
			hold = callback;
			return new Promise(() => {});
		};
		const { tab, told } = tabWith({ request: request as unknown as LockManager['request'] });
		tab.claim();
		tab.release();
		await hold?.(null);
		assert.deepEqual([tab.isOurs, told], [false, { granted: 0, taken: 0 }]);
	});

	it('goes to the tab that asked last', () => {
		const channel = silentChannel();
		const { tab, told } = tabWith(undefined, channel);
		tab.claim();
		const hear = (data: number) => {
			channel.onmessage?.call(channel as BroadcastChannel, { data } as MessageEvent<number>);
		};
		hear(0);
		assert.equal(tab.isOurs, true, 'an earlier wish is over');
		hear(Date.now() + 10);
		assert.deepEqual([tab.isOurs, told.taken], [false, 1]);
	});

	it('tells also a tab that has given it back, as that may be about to try again', () => {
		const channel = silentChannel();
		const { tab, told } = tabWith(undefined, channel);
		tab.claim();
		tab.release();
		channel.onmessage?.call(
			channel as BroadcastChannel,
			{ data: Date.now() } as MessageEvent<number>
		);
		assert.deepEqual([tab.isOurs, told.taken], [false, 1]);
	});
});
