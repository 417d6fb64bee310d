/**
 * Ends the process with a sentence for the person at the terminal.
 * @param {string} sentence
 * @returns {never}
 */
export function refuse(sentence) {
	process.stderr.write(`${sentence}\n`);
	process.exit(1);
}
