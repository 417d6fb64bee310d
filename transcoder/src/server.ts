import { ConfigError, readConfig, type Config } from './config.ts';
import { createLog } from './log.ts';
import { startService, type RunningService } from './start-service.ts';

/** A stop that takes longer is cut short; whoever asked for it waits at most three seconds. */
const STOP_LIMIT_MS = 2500;

const log = createLog((line) => process.stdout.write(line));

/** EX_CONFIG of sysexits.h: starting again does not mend it */
const CONFIG_REFUSED = 78;

/** Ends the process with a reason for people on stderr and for programs on stdout. */
function refuse(problems: readonly string[], exitCode: number): never {
	for (const problem of problems) process.stderr.write(`${problem}\n`);
	log('transcoder_refused', { problems });
	process.exit(exitCode);
}

function readConfigOrRefuse(): Config {
	try {
		return readConfig(process.env);
	} catch (error) {
		if (error instanceof ConfigError) return refuse(error.problems, CONFIG_REFUSED);
		throw error;
	}
}

async function startOrRefuse(config: Config): Promise<RunningService> {
	try {
		return await startService(config, log);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') {
			const cure =
				'set TRANSCODER_PORT to another port, for example TRANSCODER_PORT=0 for any free one';
			return refuse([`${config.host}:${config.port} cannot be listened on (${code}). ${cure}`], 1);
		}
		throw error;
	}
}

function stopOnRequest(service: RunningService, config: Config): void {
	let isStopping = false;
	const stop = (reason: string): void => {
		if (isStopping) return;
		isStopping = true;
		log('transcoder_stopping', { reason });
		setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
		void service.stop().then(() => process.exit(0));
	};
	process.on('SIGTERM', () => stop('SIGTERM'));
	process.on('SIGINT', () => stop('SIGINT'));
	if (!config.stopOnStdinEnd) return;
	process.stdin.on('end', () => stop('stdin ended'));
	process.stdin.on('error', () => stop('stdin ended'));
	process.stdin.resume();
}

// Whoever read our lines may have gone; there is nobody left to tell, and work can go on.
process.stdout.on('error', () => undefined);

const config = readConfigOrRefuse();
const service = await startOrRefuse(config);
stopOnRequest(service, config);
log('transcoder_listening', { url: service.url });
