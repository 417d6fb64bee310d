import { type DomainError, unavailable } from '#lib/server/errors.ts';

/** The database does not answer, or the connection to it is lost; trying again later makes sense. */
export const databaseUnavailable = (cause: unknown): DomainError =>
	unavailable('database_unavailable', 'the database does not answer. try again in a moment', {
		retryAfterSeconds: 5,
		cause
	});

/** Errors of the client and the system: there is no connection any more, or there never was one. */
const LOST = new Set([
	'CONNECTION_CLOSED',
	'CONNECTION_DESTROYED',
	'CONNECTION_ENDED',
	'CONNECT_TIMEOUT',
	'EAI_AGAIN',
	'ECONNREFUSED',
	'ECONNRESET',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'ENOENT',
	'ENOTFOUND',
	'EPIPE',
	'ETIMEDOUT',
	// https://www.postgresql.org/docs/current/errcodes-appendix.html: stopping, starting, full
	'57P01',
	'57P02',
	'57P03',
	'53300'
]);

/** Whether the server cancelled a query because it took too long: it has too much to do. */
export const isTimedOut = (cause: unknown): boolean =>
	cause instanceof Error && 'code' in cause && cause.code === '57014';

/** Whether an error of a query says that there is no connection. */
export const isConnectionLost = (cause: unknown): boolean =>
	cause instanceof Error && 'code' in cause && LOST.has(String(cause.code));
