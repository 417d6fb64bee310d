import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { canInstallPackages, installPackages } from './apt.ts';
import type { Lifetime } from './lifetime.ts';
import { Problem } from './problem.ts';
import { say } from './say.ts';

function isProgram(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}

/** Where a program is on the PATH. */
export function findOnPath(name: string): string | undefined {
	return (process.env['PATH'] ?? '')
		.split(path.delimiter)
		.filter(Boolean)
		.map((folder) => path.join(folder, name))
		.find(isProgram);
}

function findFfmpeg(): string | undefined {
	const given = process.env['FFMPEG_PATH'];
	if (!given) return findOnPath('ffmpeg');
	if (isProgram(given)) return given;
	throw new Problem(
		`FFMPEG_PATH is "${given}", which is not a program that can be run. example: FFMPEG_PATH=/usr/bin/ffmpeg`
	);
}

/**
 * The ffmpeg to convert audio with: FFMPEG_PATH, else the one on the PATH, else, where we may, the
 * one of Debian, installed now. Undefined is no failure: audio is then published as uploaded.
 */
export async function ensureFfmpeg(lifetime: Lifetime): Promise<string | undefined> {
	const found = findFfmpeg();
	if (found) return found;
	if (canInstallPackages()) {
		say('installing ffmpeg with apt-get…');
		const complaint = await installPackages(['ffmpeg'], lifetime);
		const installed = findOnPath('ffmpeg');
		if (installed) return installed;
		say(`ffmpeg could not be installed: ${complaint?.split('\n').at(-1) ?? 'unknown reason'}`);
	}
	say(
		'there is no ffmpeg: audio that browsers play is published as it is, other formats wait. install it (apt-get install ffmpeg) or set FFMPEG_PATH'
	);
	return undefined;
}
