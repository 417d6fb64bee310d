import { existsSync, readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 500;

/**
 * Parent and start time of a process; the time tells it from a later one with the same number.
 * @param {number} pid
 */
function processAt(pid) {
	if (!existsSync(`/proc/${pid}/stat`)) return undefined;
	const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
	// the name in parentheses may contain anything
	const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
	const isDead = fields[0] === 'Z';
	if (isDead) return undefined;
	return { pid, parent: Number(fields[1]), startedAt: fields[19] };
}

/** npm and, between it and us, its shell. */
function npmAncestors() {
	const ancestors = [];
	let current = processAt(process.ppid);
	while (current && current.pid > 1 && ancestors.length < 3) {
		ancestors.push(current);
		const command = readFileSync(`/proc/${current.pid}/cmdline`, 'utf8');
		if (/\bnpm\b/.test(command)) return ancestors;
		current = processAt(current.parent);
	}
	return [];
}

/**
 * When npm started us, its death is ours: also a kill -9, which tells nobody. Returns where to
 * register who is to be told; without anybody, this process gets a SIGTERM.
 */
export function stopWithNpm() {
	const request = { stop: () => void process.kill(process.pid, 'SIGTERM') };
	if (!process.env['npm_lifecycle_event']) return request;
	const ancestors = npmAncestors();
	const timer = setInterval(() => {
		const isGone = ancestors.some(({ pid, startedAt }) => processAt(pid)?.startedAt !== startedAt);
		if (!isGone) return;
		clearInterval(timer);
		request.stop();
	}, LOOK_EVERY_MS);
	timer.unref();
	return request;
}
