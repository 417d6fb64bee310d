import { randomUUID } from 'node:crypto';

/** Where in a trace something happens. */
export interface TraceIds {
	/** 32 lower-case hexadecimal digits */
	traceId: string;
	/** 16 of them: the span that is under way */
	spanId: string;
	/** whether somebody records it */
	isSampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;

/**
 * Reads the header of https://www.w3.org/TR/trace-context/; null: it says nothing that can be used.
 * Of a later version what is known of this one is read, as it asks for.
 */
export function parseTraceparent(header: string | null | undefined): TraceIds | null {
	const [, version, traceId = '', spanId = '', flags = '', rest] =
		TRACEPARENT.exec(header?.trim() ?? '') ?? [];
	if (version === undefined || version === 'ff') return null;
	if (version === '00' && rest !== undefined) return null;
	if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
	return { traceId, spanId, isSampled: (parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

export const formatTraceparent = ({ traceId, spanId, isSampled }: TraceIds): string =>
	`00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;

// node makes many of these at once: random bytes of one's own cost every request a call into the system
export const newTraceId = (): string => randomUUID().replaceAll('-', '');

/** Without the digits that say what kind of identifier it was. */
export const newSpanId = (): string => `${randomUUID().slice(0, 8)}${randomUUID().slice(-8)}`;
