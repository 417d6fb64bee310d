import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JointWatch } from './joint-watch.ts';

describe('the joint of two tracks', () => {
	it('is looked at shortly before it comes, and when it is there', (t) => {
		t.mock.timers.enable({ apis: ['setTimeout'] });
		let untilNextSeconds = 1.25;
		const seen: string[] = [];
		const look = (rate = 1) => seen.push(watch.at({ untilNextSeconds }, rate));
		const watch = new JointWatch(look);
		const pass = (ms: number) => {
			untilNextSeconds -= ms / 1000;
			t.mock.timers.tick(ms);
		};
		look();
		pass(1_199);
		assert.deepEqual(seen, ['far']);
		pass(2);
		assert.deepEqual(seen, ['far', 'near']);
		pass(50);
		assert.deepEqual(seen, ['far', 'near', 'over']);
	});

	it('is not waited for by what does not go, nor when nothing is joined', (t) => {
		t.mock.timers.enable({ apis: ['setTimeout'] });
		const watch = new JointWatch(() => assert.fail('nobody is to look'));
		assert.equal(watch.at({ untilNextSeconds: 0.02 }, 0), 'near');
		assert.equal(watch.at({ untilNextSeconds: Infinity }, 1), 'far');
		t.mock.timers.tick(60_000);
	});
});
