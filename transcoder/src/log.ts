/**
 * Writes one event as one JSON line. Fields are plain values; never a token, a body or a file name
 * chosen by a caller.
 */
export type Log = (event: string, fields?: Record<string, unknown>) => void;

/** A log whose lines go to `write`: `{"event":…, …fields, "time": ISO 8601}`. */
export function createLog(write: (line: string) => void): Log {
	return (event, fields = {}) => {
		write(`${JSON.stringify({ event, ...fields, time: new Date().toISOString() })}\n`);
	};
}
