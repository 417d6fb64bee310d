import { say } from '../say.ts';
import type { FileResult } from './run-test-file.ts';

const SHOWN_OUTPUT_LINES = 40;

const indent = (text: string): string => text.replace(/^/gm, '      ');

function sayFailures({ failures, output }: FileResult): void {
	for (const { name, reason } of failures) {
		say(`  ✗ ${name}`);
		say(indent(reason));
	}
	const lines = output.trim().split('\n').slice(-SHOWN_OUTPUT_LINES);
	if (lines.join('').trim() === '') return;
	say('  its output:');
	say(indent(lines.join('\n')));
}

/** One line for a file, and what went wrong in it. */
export function sayFileResult(result: FileResult): void {
	const { file, passed, skipped, failures, durationMs, processorSeconds } = result;
	const counts = [
		`${passed} passed`,
		...(failures.length > 0 ? [`${failures.length} failed`] : []),
		...(skipped > 0 ? [`${skipped} skipped`] : [])
	];
	const mark = failures.length > 0 ? '✗' : '✓';
	const times = `${(durationMs / 1000).toFixed(1)} s, processor ${processorSeconds.toFixed(1)} s`;
	say(`${mark} ${file} (${counts.join(', ')}, ${times})`);
	if (failures.length > 0) sayFailures(result);
}

/** What is said at the end: every failure once more, by name, and the numbers in the last line. */
export function sayTotals(results: readonly FileResult[]): { failed: number; passed: number } {
	const sum = (count: (result: FileResult) => number) =>
		results.reduce((total, result) => total + count(result), 0);
	const passed = sum((result) => result.passed);
	const failed = sum((result) => result.failures.length);
	const skipped = sum((result) => result.skipped);
	if (failed > 0) say('\nfailed:');
	for (const { file, failures } of results) {
		for (const { name } of failures) say(`  ${file}: ${name}`);
	}
	say(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
	return { passed, failed };
}
