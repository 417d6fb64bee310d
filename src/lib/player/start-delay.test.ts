import assert from 'node:assert/strict';
import { beforeEach, describe, it, type TestContext } from 'node:test';
import { StartDelay } from './start-delay.ts';

/** An element whose clock and events are the test's. */
class Started extends EventTarget {
	paused = false;
	currentTime = 0;
	playbackRate = 1;

	/** An event of so many milliseconds after the test began. */
	say(type: string, timeStamp: number) {
		this.dispatchEvent(Object.defineProperty(new Event(type), 'timeStamp', { value: timeStamp }));
	}
}

describe('how long what begins takes to be heard', () => {
	let element: Started;
	let delay: StartDelay;

	beforeEach(() => {
		element = new Started();
		delay = new StartDelay();
	});

	const watch = (isDirect?: () => boolean) =>
		delay.watch(element as unknown as HTMLAudioElement, isDirect);

	/** What is known half a second later, when the clock is there. */
	function lookAt({ mock }: TestContext, { playingMs = 1000, clock = 0.42 } = {}) {
		mock.timers.enable({ apis: ['setTimeout'] });
		mock.method(performance, 'now', () => 1500);
		element.say('play', 1000);
		element.say('playing', playingMs);
		element.currentTime = clock;
		mock.timers.tick(500);
		return Math.round(delay.seconds * 1000);
	}

	it('is how far the clock of what was there already is behind its beginning', (t) => {
		watch();
		assert.equal(lookAt(t), 80);
	});

	it('goes by the speed at which it plays', (t) => {
		watch();
		element.playbackRate = 2;
		assert.equal(lookAt(t, { clock: 0.84 }), 80);
	});

	it('is not learnt from a start that had to wait: the page may be told of it late', (t) => {
		watch();
		assert.equal(lookAt(t, { playingMs: 1060 }), 0);
	});

	it('is not learnt from what is not heard', (t) => {
		watch(() => false);
		assert.equal(lookAt(t), 0);
	});

	it('counts from where it goes on', (t) => {
		for (const from of [0.05, 20]) {
			delay = new StartDelay();
			element = new Started();
			watch();
			element.currentTime = from;
			assert.equal(lookAt(t, { clock: from + 0.42 }), 80, `from ${from} s`);
			t.mock.timers.reset();
		}
	});

	it('is not learnt from what was paused, or jumped, meanwhile', (t) => {
		watch();
		for (const clock of [0.6, 0.1]) {
			element.currentTime = 0;
			assert.equal(lookAt(t, { clock }), 0);
			t.mock.timers.reset();
		}
		element.currentTime = 0;
		element.addEventListener('playing', () => (element.paused = true));
		assert.equal(lookAt(t), 0);
	});
});
