import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { findOnPath } from '../../dev/ffmpeg.ts';

const CACHE = path.resolve('node_modules/.cache/promtool');

/**
 * Runs Prometheus' own checker. Where it is not installed it is taken out of Debian's package, because
 * installing that would also start a server.
 * @returns whether it was content, and what it said
 */
export function promtool(args: string[], input = ''): { isContent: boolean; says: string } {
	const program = findOnPath('promtool') ?? unpackedPromtool();
	const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
	return { isContent: status === 0, says: `${stdout}${stderr}` };
}

function unpackedPromtool(): string {
	const program = path.join(CACHE, 'promtool');
	if (readdirOrNone(CACHE).includes('promtool')) return program;
	mkdirSync(CACHE, { recursive: true });
	const dir = mkdtempSync(path.join(CACHE, 'unpacking-'));
	try {
		execFileSync('/usr/bin/apt-get', ['download', 'prometheus'], { cwd: dir, stdio: 'ignore' });
		const [deb = ''] = readdirSync(dir).filter((name) => name.endsWith('.deb'));
		execFileSync('/usr/bin/dpkg-deb', ['-x', deb, 'unpacked'], { cwd: dir });
		renameSync(path.join(dir, 'unpacked/usr/bin/promtool'), program);
	} catch (cause) {
		throw new Error('the test needs promtool: install it, or make it possible to fetch it', {
			cause
		});
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
	return program;
}

function readdirOrNone(dir: string): string[] {
	try {
		return readdirSync(dir);
	} catch {
		return [];
	}
}
