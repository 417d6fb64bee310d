import { type Instruments, secondsSince } from '#lib/server/trace/instruments.ts';
import { inSpan } from '#lib/server/trace/tracer.ts';
import { underWay } from '#lib/server/trace/under-way.ts';

/** Runs a query in a way that is seen. Its values are none of the observer's business. */
export type QueryObserver = <T>(text: string, run: () => Promise<T>) => Promise<T>;

/** Of a page with many columns, more than anybody reads. */
const MOST_OF_TEXT = 1_000;

/** Counts queries, and puts those of requests and jobs into their traces. */
export function observeQueries({ metrics, tracer }: Instruments): QueryObserver {
	return async (text, run) => {
		const startedAt = performance.now();
		try {
			if (!tracer.isRecording || !underWay()) return await run();
			const [verb = 'query'] = /[a-z]+/i.exec(text) ?? [];
			const attributes = {
				'db.system.name': 'postgresql',
				'db.operation.name': verb.toLowerCase(),
				'db.query.text': text.slice(0, MOST_OF_TEXT)
			};
			const name = `postgres ${verb.toLowerCase()}`;
			return await inSpan(tracer, name, { kind: 'client', attributes }, run);
		} finally {
			metrics.databaseQueries.observe(secondsSince(startedAt));
		}
	};
}
