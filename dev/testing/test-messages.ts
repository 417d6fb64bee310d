import { z } from 'zod';

/** What the process of a test file reports on its file descriptor 3, one JSON object per line. */
export const testMessage = z.discriminatedUnion('event', [
	z.object({ event: z.literal('begun') }),
	z.object({ event: z.literal('ended') }),
	z.object({ event: z.literal('passed') }),
	z.object({ event: z.literal('skipped') }),
	z.object({ event: z.literal('failed'), name: z.string(), reason: z.string() }),
	z.object({ event: z.literal('finished'), processorSeconds: z.number() })
]);
export type TestMessage = z.infer<typeof testMessage>;

export const MESSAGES_DESCRIPTOR = 3;
