let isLineOpen = false;

function closeLine(): void {
	if (isLineOpen) process.stdout.write('\n');
	isLineOpen = false;
}

/** Tells the person at the terminal something. */
export function say(line: string): void {
	closeLine();
	process.stdout.write(`${line}\n`);
}

/** Tells how far something is: in place on a terminal, elsewhere only when `isWorthALine`. */
export function sayProgress(line: string, isWorthALine: boolean): void {
	if (process.stdout.isTTY) {
		process.stdout.write(`\r\x1b[2K${line}`);
		isLineOpen = true;
	} else if (isWorthALine) say(line);
}

/** Tells the person at the terminal what went wrong. */
export function sayError(text: string): void {
	closeLine();
	process.stderr.write(`${text}\n`);
}
