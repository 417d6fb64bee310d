import { newSpanId, newTraceId, type TraceIds } from './trace-context.ts';
import { during, underWay } from './under-way.ts';

/** `server`: a request to us; `client`: one of ours; `consumer`: a job. */
export type SpanKind = 'server' | 'client' | 'consumer' | 'internal';

export type Attributes = Record<string, string | number | boolean>;

export interface SpanOptions {
	kind: SpanKind;
	/** ids, names, sizes; never what somebody typed */
	attributes?: Attributes;
	/** what it is a part of; absent: of what is under way, or of nothing */
	parent?: TraceIds | null;
}

/** Something that takes time, from `start` to `end`. */
export interface Span {
	readonly ids: TraceIds;
	rename(name: string): void;
	set(attributes: Attributes): void;
	/** it did not work */
	fail(cause: unknown): void;
	end(): void;
}

/** Makes spans; where they go is for whoever made the tracer to say. */
export interface Tracer {
	/** false: spans are ids and nothing else, so whatever is only about them can be left out */
	readonly isRecording: boolean;
	start(name: string, options: SpanOptions): Span;
	/** sends what is left */
	close(): Promise<void>;
}

const nothing = () => undefined;

/** Gives log lines their trace and records nothing. */
export const plainTracer: Tracer = {
	isRecording: false,
	start(_name, { parent = underWay()?.trace }) {
		const ids: TraceIds = {
			traceId: parent?.traceId ?? newTraceId(),
			spanId: newSpanId(),
			isSampled: parent?.isSampled ?? false
		};
		return { ids, rename: nothing, set: nothing, fail: nothing, end: nothing };
	},
	close: () => Promise.resolve()
};

/** Does something within a span of its own, which ends and fails with it. */
export async function inSpan<T>(
	tracer: Tracer,
	name: string,
	options: SpanOptions,
	action: (span: Span) => Promise<T>,
	requestId = underWay()?.requestId
): Promise<T> {
	const span = tracer.start(name, options);
	try {
		return await during({ requestId, trace: span.ids }, () => action(span));
	} catch (cause) {
		span.fail(cause);
		throw cause;
	} finally {
		span.end();
	}
}
