/** Lines that only repeat that something failed, or measure what did, after the line that says what. */
const EMPTY_WORDS =
	/^(Conversion failed!|Error (initializing|while opening|opening) output|Last message repeated|Terminating|Exiting|(n_samples|mean_volume|max_volume|histogram_\d+db): )/i;

/** Takes away what ffmpeg puts before a message: `[libopus @ 0x55ac6b115880] [error] `. */
function withoutPrefix(line: string): string {
	return line.replace(/^(\s*\[[^\]]*\]\s*)+/, '').trim();
}

/**
 * The line of standard error a person can use, without addresses and without any path below
 * `folder`. At most 300 characters; a sentence of ours when ffmpeg said nothing.
 */
export function lastUsefulLine(stderr: readonly string[], folder: string): string {
	const lines = stderr
		.map((line) =>
			withoutPrefix(line).replaceAll(`file:${folder}/`, '').replaceAll(`${folder}/`, '')
		)
		.filter((line) => line !== '');
	const useful = lines.findLast((line) => !EMPTY_WORDS.test(line)) ?? lines.at(-1);
	return (useful ?? 'it ended without saying why').slice(0, 300);
}

/** Whether ffmpeg stopped because the disk under the temp folder is full. */
export function saysDiskFull(stderr: readonly string[]): boolean {
	return stderr.some((line) => line.includes('No space left on device'));
}
