/** Something the person at the terminal can act on: shown as it is, without a stack. */
export class Problem extends Error {
	override readonly name = 'Problem';
}
