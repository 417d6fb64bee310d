import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ConfigError, readConfig } from './config.ts';

function problemsOf(environment: Record<string, string>): readonly string[] {
	try {
		readConfig(environment);
	} catch (error) {
		if (error instanceof ConfigError) return error.problems;
		throw error;
	}
	return [];
}

describe('the configuration', () => {
	it('needs nothing but a token', () => {
		assert.deepEqual(readConfig({ TRANSCODER_AUTH_TOKEN: 'secret' }), {
			host: '127.0.0.1',
			port: 8082,
			authToken: 'secret',
			maxUploadBytes: 1_610_612_736,
			concurrency: availableParallelism(),
			queueMs: 30_000,
			timeoutMs: 900_000,
			tempDir: tmpdir(),
			ffmpegPath: null,
			ffprobePath: null,
			stopOnStdinEnd: false
		});
	});

	it('is refused without a token, by a sentence that names the variable and an example', () => {
		const [problem = ''] = problemsOf({});
		assert.match(problem, /TRANSCODER_AUTH_TOKEN is not set.*example: TRANSCODER_AUTH_TOKEN=/);
		assert.match(problem, /TRANSCODER_ALLOW_ANONYMOUS=true/);
		assert.equal(problemsOf({ TRANSCODER_AUTH_TOKEN: '   ' }).length, 1);
		assert.equal(problemsOf({ TRANSCODER_ALLOW_ANONYMOUS: 'false' }).length, 1);
	});

	it('lets everyone in only by the development switch and only on this machine', () => {
		assert.equal(readConfig({ TRANSCODER_ALLOW_ANONYMOUS: 'true' }).authToken, null);
		const open = { TRANSCODER_ALLOW_ANONYMOUS: 'true', TRANSCODER_HOST: '0.0.0.0' };
		assert.match(problemsOf(open)[0] ?? '', /TRANSCODER_ALLOW_ANONYMOUS/);
	});

	it('tells everything that is wrong at once, each with an example', () => {
		const problems = problemsOf({
			TRANSCODER_AUTH_TOKEN: 'with space',
			TRANSCODER_HOST: 'http://x/',
			TRANSCODER_PORT: '99999',
			TRANSCODER_MAX_UPLOAD_BYTES: '1.5GB',
			TRANSCODER_CONCURRENCY: '0',
			TRANSCODER_TIMEOUT_SECONDS: '-1',
			TRANSCODER_TEMP_DIR: '/nowhere',
			TRANSCODER_ALLOW_ANONYMOUS: 'yes',
			TRANSCODER_STOP_ON_STDIN_END: '1',
			FFMPEG_PATH: '/nowhere/ffmpeg',
			FFPROBE_PATH: tmpdir()
		});
		assert.equal(problems.length, 11, problems.join('\n'));
		for (const problem of problems) {
			const [, name = ''] = /^(\w+)/.exec(problem) ?? [];
			assert.match(problem, new RegExp(`example: ${name}=`));
		}
	});

	it('names the same variables as the README', () => {
		const source = readFileSync(join(import.meta.dirname, 'config.ts'), 'utf8');
		const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
		const names = (text: string, pattern: RegExp): string[] =>
			[...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();
		assert.deepEqual(
			names(readme, /^\| `((?:TRANSCODER|FFMPEG|FFPROBE)_\w+)`/gm),
			names(source, /'((?:TRANSCODER|FFMPEG|FFPROBE)_\w+)'/g)
		);
	});
});
