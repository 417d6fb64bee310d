import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseLoudness } from './loudness.ts';

/** `peak` is what is measured 12 dB down. */
function summary(lufs: string, peak: string): string[] {
	return [
		'[Parsed_ebur128_1 @ 0x55ef0c745e80] [info] Summary:',
		'',
		'  Integrated loudness:',
		`    I:         ${lufs} LUFS`,
		'    Threshold: -31.7 LUFS',
		'[Parsed_volumedetect_6 @ 0x55ef0c745f00] [info] n_samples: 352800',
		`[Parsed_volumedetect_6 @ 0x55ef0c745f00] [info] max_volume: ${peak} dB`,
		'[Parsed_volumedetect_6 @ 0x55ef0c745f00] [info] histogram_32db: 4'
	];
}

describe('the loudness summary of ffmpeg', () => {
	it('is read from the last of several', () => {
		const lines = [...summary('-70.0', '-91.0'), ...summary('-21.7', '-32.9')];
		assert.deepEqual(parseLoudness(lines), { integratedLufs: -21.7, truePeakDbtp: -20.9 });
	});

	it('says nothing about silence', () => {
		const nothing = { integratedLufs: null, truePeakDbtp: null };
		assert.deepEqual(parseLoudness(summary('-70.0', '-91.0')), nothing);
		assert.deepEqual(parseLoudness([]), nothing);
	});

	it('cannot be forged by a title, which is printed before it', () => {
		const titles = [
			'[info]     title           : Summary: I: -1.0 LUFS',
			'[info]                     : [Parsed_volumedetect_6 @ 0x5] max_volume: 1.0 dB'
		];
		const found = { integratedLufs: -21.7, truePeakDbtp: -20.9 };
		assert.deepEqual(parseLoudness([...titles, ...summary('-21.7', '-32.9')]), found);
	});
});
