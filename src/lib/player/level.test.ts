import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { amplitudeOfVolume, type Level, levelGain } from './level.ts';

const measured = (lufs: number, truePeakDbtp: number) => ({ lufs, truePeakDbtp });
const inAlbum = (loudness: ReturnType<typeof measured> | null) => ({
	...{ id: 'a', slug: 'a', title: 'a' },
	loudness
});
const single = (lufs: number, peak: number) => ({ loudness: measured(lufs, peak), album: null });

const inDecibels = (gain: number) => Math.round(20 * Math.log10(gain) * 100) / 100;
const gainDb = (
	track: Parameters<typeof levelGain>[0],
	level: Level = 'track',
	isInAlbum = false
) => inDecibels(levelGain(track, level, isInAlbum));

describe('the gain of a track', () => {
	it('brings its loudness to −14 LUFS, up or down', () => {
		assert.equal(gainDb(single(-20, -18)), 6);
		assert.equal(gainDb(single(-6, 0)), -8);
		assert.equal(gainDb(single(-14, -3)), 0);
	});

	it('never brings its true peak above −1 dBTP', () => {
		assert.equal(gainDb(single(-30, -3)), 1.9);
		assert.equal(gainDb(single(-20, 0.5)), -1.6, 'also when that makes a quiet one quieter');
	});

	it('is none when it is off, and for what nobody measured or is silent', () => {
		assert.equal(gainDb(single(-20, -18), 'off'), 0);
		assert.equal(gainDb({ loudness: null, album: null }), 0);
		assert.equal(gainDb(single(-70, -60)), 0);
	});

	it('does not make the noise of a recording loud', () => {
		assert.equal(gainDb(single(-60, -50)), 24);
	});

	it('is its album’s when it is played in it, and its own elsewhere', () => {
		const quiet = { loudness: measured(-26, -20), album: inAlbum(measured(-16, -4)) };
		assert.equal(gainDb(quiet, 'album', true), 2);
		assert.equal(gainDb(quiet, 'album', false), 12);
		assert.equal(gainDb(quiet, 'track', true), 12);
		const unmeasured = { ...quiet, album: inAlbum(null) };
		assert.equal(gainDb(unmeasured, 'album', true), 12);
	});
});

it('a volume is heard evenly: silence, half as loud near the middle, full', () => {
	assert.deepEqual([0, 1].map(amplitudeOfVolume), [0, 1]);
	const middle = inDecibels(amplitudeOfVolume(0.7));
	assert.ok(middle < -8 && middle > -11, `${middle} dB`);
});
