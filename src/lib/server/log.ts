import { fieldsUnderWay } from './trace/under-way.ts';

/** Facts about an event. Ids, sizes, durations, reasons; never tokens, keys or cookies. */
export type LogFields = Record<string, unknown>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const RANK: Record<LogLevel, number> = { debug: 10, info: 20, warn: 30, error: 40 };

/**
 * Writes one JSON line per event. `child` adds fields to every line that follows. Within a request or a
 * job each line has `requestId` and `traceId`; in a job those of the request that asked for it.
 */
export interface Logger {
	debug(event: string, fields?: LogFields): void;
	info(event: string, fields?: LogFields): void;
	warn(event: string, fields?: LogFields): void;
	error(event: string, fields?: LogFields): void;
	child(fields: LogFields): Logger;
}

/** An error as log fields: name, sentence, stack and the chain of causes. */
export function describeError(error: unknown): LogFields {
	if (!(error instanceof Error)) {
		// pg-boss tells its errors as copies, which are no errors any more
		const isCopy = typeof error === 'object' && error !== null && 'message' in error;
		return { error: String(isCopy ? error.message : error) };
	}
	return {
		error: error.message,
		errorName: error.name,
		stack: error.stack,
		...(error.cause === undefined ? {} : { cause: describeError(error.cause) })
	};
}

/**
 * Makes a logger.
 * @param level lines below it are dropped
 * @param write where a finished line goes, without its line break; standard output by default
 */
export function createLogger(
	level: LogLevel,
	write: (line: string) => void = (line) => process.stdout.write(line + '\n'),
	base: LogFields = {}
): Logger {
	const at =
		(lineLevel: LogLevel) =>
		(event: string, fields: LogFields = {}) => {
			if (RANK[lineLevel] < RANK[level]) return;
			const time = new Date().toISOString();
			const line = { time, level: lineLevel, event, ...fieldsUnderWay(), ...base, ...fields };
			write(JSON.stringify(line, jsonSafe));
		};
	return {
		debug: at('debug'),
		info: at('info'),
		warn: at('warn'),
		error: at('error'),
		child: (fields) => createLogger(level, write, { ...base, ...fields })
	};
}

function jsonSafe(_key: string, value: unknown): unknown {
	if (typeof value === 'bigint') return value.toString();
	if (value instanceof Error) return describeError(value);
	return value;
}
