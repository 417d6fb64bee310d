import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type KeyPress, PLAYER_KEYS, playerAction } from './player-keys.ts';

const press = (key: string, facts: Partial<KeyPress> = {}): KeyPress => ({
	...{ key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false },
	...{ repeat: false, defaultPrevented: false },
	...{ isWithin: () => false, canScroll: () => false },
	...facts
});
/** The focus is on something that one of these words stands for in a selector. */
const on = (...words: string[]): Partial<KeyPress> => ({
	isWithin: (selector) => selector.split(', ').some((part) => words.includes(part))
});

describe('the keys of the player', () => {
	it('do what the table says', () => {
		for (const { key, withShift, action } of PLAYER_KEYS) {
			assert.equal(playerAction(press(key, { shiftKey: withShift === true })), action);
		}
		assert.equal(playerAction(press('?', { shiftKey: true })), 'keys', 'wherever it is');
		assert.equal(playerAction(press('x')), null);
		assert.equal(playerAction(press('Q', { shiftKey: true })), null);
		assert.equal(playerAction(press('Q')), 'queue', 'with caps lock too');
	});

	it('are left to the browser with alt, control or command', () => {
		for (const { key, withShift } of PLAYER_KEYS) {
			for (const held of ['altKey', 'ctrlKey', 'metaKey'] as const) {
				assert.equal(
					playerAction(press(key, { shiftKey: withShift === true, [held]: true })),
					null
				);
			}
		}
	});

	it('are left to who has handled them already, and to an open dialog', () => {
		for (const { key, withShift } of PLAYER_KEYS) {
			const shiftKey = withShift === true;
			assert.equal(playerAction(press(key, { shiftKey, defaultPrevented: true })), null);
			assert.equal(
				playerAction(press(key, { shiftKey, ...on('dialog[open]:not([data-player])') })),
				null
			);
		}
	});

	it('are letters where somebody types', () => {
		for (const { key, withShift } of PLAYER_KEYS) {
			assert.equal(
				playerAction(press(key, { shiftKey: withShift === true, ...on('textarea') })),
				null
			);
		}
	});

	it('press buttons and move sliders before anything else', () => {
		assert.equal(playerAction(press(' ', on('button'))), null);
		assert.equal(playerAction(press('q', on('button'))), 'queue');
		assert.equal(playerAction(press('ArrowLeft', on('button'))), 'back');
		assert.equal(playerAction(press(' ', on('[role="slider"]'))), 'toggle', 'it has no use for it');
		assert.equal(playerAction(press('ArrowLeft', on('input'))), null);
		assert.equal(playerAction(press('ArrowUp', on('[role="listbox"]'))), null);
	});

	it('scroll what can be scrolled, and change the volume there with shift', () => {
		const canScroll = () => true;
		assert.equal(playerAction(press('ArrowDown', { canScroll })), null);
		assert.equal(playerAction(press('ArrowDown', { canScroll, shiftKey: true })), 'quieter');
		assert.equal(playerAction(press('ArrowDown')), 'quieter');
		assert.equal(playerAction(press('ArrowRight', { canScroll })), 'forward');
	});

	it('go on while held only where that makes sense', () => {
		assert.equal(playerAction(press('ArrowRight', { repeat: true })), 'forward');
		for (const key of [' ', 'm', 's', 'r', 'q']) {
			assert.equal(playerAction(press(key, { repeat: true })), null);
		}
	});
});
