import '../../../tests/compile-runes.ts';
import assert from 'node:assert/strict';
import { beforeEach, describe, it, mock } from 'node:test';
import type { Toasts as ToastsClass } from './toasts.svelte.ts';

const { Toasts } = await import('./toasts.svelte.ts');

describe('short messages', () => {
	let toasts: ToastsClass;
	const messages = () => toasts.list.map(({ message }) => message);

	beforeEach(() => {
		mock.timers.reset();
		mock.timers.enable({ apis: ['setTimeout'] });
		toasts = new Toasts();
	});

	it('are shown newest first, each for as long as its kind deserves', () => {
		toasts.show({ kind: 'success', message: 'copied' });
		toasts.show({ kind: 'error', message: 'failed' });
		assert.deepEqual(messages(), ['failed', 'copied']);
		mock.timers.tick(3_000);
		assert.deepEqual(messages(), ['failed']);
		mock.timers.tick(2_000);
		assert.deepEqual(messages(), []);
	});

	it('change in place, and the time begins anew', () => {
		const id = toasts.show({ kind: 'info', message: 'sending' });
		toasts.show({ kind: 'info', message: 'other' });
		mock.timers.tick(2_000);
		toasts.show({ kind: 'success', message: 'sent' }, id);
		assert.deepEqual(messages(), ['other', 'sent']);
		mock.timers.tick(2_000);
		assert.deepEqual(messages(), ['sent']);
	});

	it('stay until dismissed when they have no duration, and stay away afterwards', () => {
		const id = toasts.show({ kind: 'info', message: 'sending', durationMs: 0 });
		mock.timers.tick(3_600_000);
		assert.deepEqual(messages(), ['sending']);
		toasts.dismiss(id);
		toasts.update(id, { kind: 'info', message: 'still sending' });
		assert.deepEqual(messages(), []);
	});

	it('do not vanish while somebody reads them', () => {
		const id = toasts.show({ kind: 'info', message: 'look' });
		toasts.hold(id);
		mock.timers.tick(60_000);
		assert.deepEqual(messages(), ['look']);
		toasts.release(id);
		mock.timers.tick(3_000);
		assert.deepEqual(messages(), []);
	});
});
