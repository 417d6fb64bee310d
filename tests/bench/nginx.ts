import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';

const PROGRAM = '/usr/sbin/nginx';
const START_LIMIT_MS = 10_000;

export const isNginxInstalled = (): boolean => existsSync(PROGRAM);

/** One that runs. */
export interface Nginx {
	url: string;
	stop: () => Promise<void>;
}

/**
 * Starts nginx with one worker for the files of a folder; it ends when this process does.
 * @param stateDir an empty folder for its configuration and temporary files
 */
export async function startNginx(filesDir: string, stateDir: string): Promise<Nginx> {
	const port = await freePort();
	return await runNginx(fileServer(filesDir, port), stateDir, `http://127.0.0.1:${port}`);
}

/**
 * Starts nginx with one worker; it ends when this process does.
 * @param servers what stands inside `http { … }`
 * @param stateDir a folder for its configuration and temporary files
 * @param url where something answers when it is there
 */
export async function runNginx(servers: string, stateDir: string, url: string): Promise<Nginx> {
	await mkdir(join(stateDir, 'logs'), { recursive: true });
	const configPath = join(stateDir, 'nginx.conf');
	await writeFile(configPath, configuration(servers, stateDir));
	// the guard ends nginx when the pipe to this process closes, even after a kill -9
	const guard = spawn(
		'/bin/sh',
		[
			'-c',
			'"$0" -p "$1" -c "$2" </dev/null & child=$!; cat >/dev/null; kill -TERM $child; wait $child',
			...[PROGRAM, stateDir, configPath]
		],
		{ stdio: ['pipe', 'ignore', 'inherit'] }
	);
	const exited = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
	const stop = async () => {
		guard.stdin.destroy();
		await exited;
	};
	const deadline = Date.now() + START_LIMIT_MS;
	while (!(await answers(url))) {
		if (Date.now() > deadline) {
			await stop();
			throw new Error('nginx does not answer');
		}
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	return { url, stop };
}

const fileServer = (filesDir: string, port: number) => `
	server {
		listen 127.0.0.1:${port};
		root ${filesDir};
		add_header cache-control "public, max-age=31536000, immutable";
	}
`;

const configuration = (servers: string, stateDir: string) => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${stateDir}/nginx.pid;
error_log ${stateDir}/logs/error.log;
events { worker_connections 256; }
http {
	access_log off;
	sendfile on;
	keepalive_requests 1000000;
	types { audio/mpeg mp3; }
	client_body_temp_path ${stateDir}/body;
	proxy_temp_path ${stateDir}/proxy;
	fastcgi_temp_path ${stateDir}/fastcgi;
	uwsgi_temp_path ${stateDir}/uwsgi;
	scgi_temp_path ${stateDir}/scgi;
	${servers}
}
`;

async function answers(url: string): Promise<boolean> {
	try {
		const options = { redirect: 'manual', signal: AbortSignal.timeout(2_000) } as const;
		await (await fetch(url, options)).arrayBuffer();
		return true;
	} catch {
		return false;
	}
}
