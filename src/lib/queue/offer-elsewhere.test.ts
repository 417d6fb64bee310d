import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { Listening } from '#lib/player/listening.svelte.ts';
import type { Player } from '#lib/player/player.svelte.ts';
import { addToEnd, jumpTo } from './change-queue.ts';
import { deviceName } from './device-name.ts';
import { offerElsewhere } from './offer-elsewhere.ts';
import type { PlayheadJson } from './playhead-line.ts';
import { emptyQueue } from './queue-state.ts';

const clock = { now: Date.now, newId: () => crypto.randomUUID(), random: Math.random };
const filled = addToEnd(emptyQueue(), [1, 2], clock);
const [first, second] = filled.items;
assert.ok(first && second);
const queue = jumpTo(filled, first.id, clock);

describe('the place of another device', () => {
	let listening: Listening;
	let player: { isGoing: boolean; positionSeconds: number };
	let elsewhere: ReturnType<typeof offerElsewhere>;
	const told = (changes: Partial<PlayheadJson> = {}): PlayheadJson => ({
		...{ item_id: second.id, track_id: 2, position_ms: 151_000, is_playing: false },
		...{ device_id: 'phone', device_name: 'safari on iphone', at: Date.now() },
		...changes
	});
	const place = () => listening.elsewhere?.positionSeconds ?? null;

	beforeEach(() => {
		mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_000_000_000_000 });
		listening = { queue, current: first, elsewhere: null } as unknown as Listening;
		player = { isGoing: false, positionSeconds: 10 };
		const own = { deviceId: 'laptop', now: Date.now };
		elsewhere = offerElsewhere(listening, player as unknown as Player, own);
	});
	afterEach(() => {
		elsewhere.stop();
		mock.timers.reset();
	});

	it('is offered, and follows that device while it plays', () => {
		elsewhere.hear(told({ is_playing: true }));
		assert.deepEqual(listening.elsewhere, {
			...{ itemId: second.id, trackId: 2, positionSeconds: 151 },
			deviceName: 'safari on iphone'
		});
		mock.timers.tick(4_000);
		assert.equal(place(), 155);
		mock.timers.tick(600_000);
		assert.equal(place(), 181, 'it was not heard of for long: it may be gone');
	});

	it('is not offered while this one plays', () => {
		elsewhere.hear(told());
		player.isGoing = true;
		mock.timers.tick(1_000);
		assert.equal(place(), null);
		player.isGoing = false;
		mock.timers.tick(1_000);
		assert.equal(place(), 151);
	});

	it('is not offered when it is this device’s, the place here, old, or out of the queue', () => {
		const here = { item_id: first.id, track_id: 1, position_ms: 12_000 };
		const notOffered = [
			{ device_id: 'laptop' },
			here,
			{ at: Date.now() - 8 * 86_400_000 },
			{ item_id: 'gone' }
		];
		for (const changes of notOffered) {
			elsewhere.hear(told(changes));
			assert.equal(place(), null, JSON.stringify(changes));
		}
		elsewhere.hear(told({ ...here, position_ms: 60_000 }));
		assert.equal(place(), 60);
	});

	it('stays away when it was dismissed, until that device is at another track', () => {
		elsewhere.hear(told());
		listening.dismissElsewhere();
		assert.equal(place(), null);
		elsewhere.hear(told({ position_ms: 170_000 }));
		assert.equal(place(), null);
		elsewhere.hear(told({ item_id: first.id, track_id: 1 }));
		assert.equal(place(), 151);
	});
});

describe('a device', () => {
	const agents = {
		'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0': 'firefox on linux',
		'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0':
			'edge on windows',
		'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1':
			'safari on iphone',
		'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36':
			'chrome on android',
		nothing: 'a browser'
	};
	for (const [agent, name] of Object.entries(agents)) {
		it(`is called what people call it: ${name}`, () => assert.equal(deviceName(agent), name));
	}
});
