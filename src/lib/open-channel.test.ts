import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { openChannel } from './open-channel.ts';

const original = Object.getOwnPropertyDescriptor(globalThis, 'BroadcastChannel');

describe('a line between tabs', () => {
	afterEach(() => {
		if (original) Object.defineProperty(globalThis, 'BroadcastChannel', original);
	});

	it('carries what is said to the others', async () => {
		const [one, other] = [openChannel('a'), openChannel('a')];
		const heard = new Promise((resolve) => {
			other.onmessage = ({ data }: MessageEvent) => resolve(data);
		});
		one.postMessage(7);
		assert.equal(await heard, 7);
		one.close();
		other.close();
	});

	it('is silent where the browser lets no page have one', () => {
		const refuse = function () {
			throw new DOMException('The operation is insecure.', 'SecurityError');
		};
		Object.defineProperty(globalThis, 'BroadcastChannel', { configurable: true, value: refuse });
		const channel = openChannel('a');
		channel.onmessage = () => assert.fail('nothing is heard');
		channel.postMessage(7);
		channel.close();
	});
});
