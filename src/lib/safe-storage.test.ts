import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { forget, readStored, store, storedNames } from './safe-storage.ts';

const original = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');

function withStorage(get: () => unknown): void {
	Object.defineProperty(globalThis, 'localStorage', { configurable: true, get });
}

afterEach(() => {
	if (original) Object.defineProperty(globalThis, 'localStorage', original);
	else Reflect.deleteProperty(globalThis, 'localStorage');
});

describe('storage in the browser', () => {
	it('answers as if empty where the page may not use it at all', () => {
		withStorage(() => {
			throw new DOMException('denied', 'SecurityError');
		});
		assert.equal(readStored('player_volume'), null);
		assert.equal(store('player_volume', '0.5'), false);
		assert.deepEqual(storedNames('tus::'), []);
		forget('player_volume');
	});

	it('says that nothing was kept when it is full', () => {
		withStorage(() => ({
			setItem() {
				throw new DOMException('full', 'QuotaExceededError');
			}
		}));
		assert.equal(store('player_volume', '0.5'), false);
	});

	it('is absent on the server', () => {
		withStorage(() => undefined);
		assert.equal(readStored('player_volume'), null);
		assert.equal(store('player_volume', '0.5'), false);
	});
});
