import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Track } from '#lib/tracks/track.ts';
import { overlapSeconds } from './crossfade.ts';

type Heard = Parameters<typeof overlapSeconds>[0];
type DeckFacts = Parameters<typeof overlapSeconds>[1]['next'];

const deck = (facts: Partial<DeckFacts> = {}): DeckFacts => ({
	element: { readyState: 4 } as HTMLAudioElement,
	...{ track: null, next: null },
	...{ durationSeconds: 200, positionSeconds: 0, ...facts }
});
const heard = (facts: Partial<Heard> = {}): Heard => ({
	transition: { isGapless: true, crossfadeSeconds: 0 },
	canSetVolume: true,
	status: 'playing',
	output: { fade: () => undefined, isAmplified: () => false },
	startDelay: { seconds: 0.09 },
	...facts
});

describe('how long two tracks overlap', () => {
	it('is as long as somebody set it, and never more than half of the shorter one', () => {
		const faded = heard({ transition: { isGapless: true, crossfadeSeconds: 12 } });
		const former = deck();
		assert.equal(overlapSeconds(faded, { former, next: deck() }), 12);
		assert.equal(overlapSeconds(faded, { former, next: deck({ durationSeconds: 6 }) }), 3);
		assert.equal(overlapSeconds(faded, { former, next: deck({ durationSeconds: 0 }) }), 0);
		const short = deck({ durationSeconds: 8 });
		assert.equal(overlapSeconds(faded, { former: short, next: deck() }), 4);
		const indexed = deck({ durationSeconds: 0, track: { durationMs: 8_000 } as Track });
		assert.equal(overlapSeconds(faded, { former: indexed, next: deck() }), 4);
	});

	describe('when one is handed over to the other', () => {
		const former = deck();
		const next = deck();

		it('is as long as what begins takes to be heard', () => {
			assert.equal(overlapSeconds(heard(), { former, next }), 0.09);
		});

		it('is none when that is not known, or when the end is not', () => {
			for (const startDelay of [undefined, { seconds: 0 }]) {
				assert.equal(overlapSeconds(heard({ startDelay }), { former, next }), 0);
			}
			const track = { durationMs: 200_000 } as Track;
			const endless = deck({ durationSeconds: 0, track });
			assert.equal(overlapSeconds(heard(), { former: endless, next }), 0);
		});

		it('is none where tracks are not to follow each other closely', () => {
			const apart = heard({ transition: { isGapless: false, crossfadeSeconds: 0 } });
			assert.equal(overlapSeconds(apart, { former, next }), 0);
		});

		it('is none where no page sets the volume: a phone begins nothing before the end', () => {
			assert.equal(overlapSeconds(heard({ canSetVolume: false }), { former, next }), 0);
		});

		it('is none when either is led through an amplifier', () => {
			for (const one of [former, next]) {
				const isAmplified = (element: HTMLAudioElement) => element === one.element;
				assert.equal(
					overlapSeconds(heard({ output: { fade: () => undefined, isAmplified } }), {
						former,
						next
					}),
					0
				);
			}
		});

		it('is none when the next one is not there, or something is joined to the former', () => {
			const loading = deck({ element: { readyState: 2 } as HTMLAudioElement });
			assert.equal(overlapSeconds(heard(), { former, next: loading }), 0);
			const joined = { ...former, next: { id: 3 } as Track };
			assert.equal(overlapSeconds(heard(), { former: joined, next }), 0);
		});
	});
});
