import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseLoudness } from './loudness.ts';

function summary(lufs: string, peak: string): string[] {
	return [
		'[Parsed_ebur128_1 @ 0x55ef0c745e80] [info] Summary:',
		'',
		'  Integrated loudness:',
		`    I:         ${lufs} LUFS`,
		'    Threshold: -31.7 LUFS',
		'',
		'  True peak:',
		`    Peak:      ${peak} dBFS`
	];
}

describe('the loudness summary of ffmpeg', () => {
	it('is read from the last of several', () => {
		const lines = [...summary('-70.0', '-inf'), ...summary('-21.7', '-20.9')];
		assert.deepEqual(parseLoudness(lines), { integratedLufs: -21.7, truePeakDbtp: -20.9 });
	});

	it('says nothing about silence', () => {
		const nothing = { integratedLufs: null, truePeakDbtp: null };
		assert.deepEqual(parseLoudness(summary('-70.0', '-inf')), nothing);
		assert.deepEqual(parseLoudness([]), nothing);
	});

	it('cannot be forged by a title, which is printed before it', () => {
		const title = '[info]     title           : Summary: I: -1.0 LUFS';
		const lines = [title, ...summary('-21.7', '-20.9')];
		assert.equal(parseLoudness(lines).integratedLufs, -21.7);
	});
});
