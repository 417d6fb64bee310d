import { z } from 'zod';

/** What the publishing process says on its standard output, one JSON object per line. */
export const sampleMessage = z.discriminatedUnion('event', [
	z.object({
		event: z.literal('progress'),
		done: z.number(),
		total: z.number(),
		title: z.string()
	}),
	z.object({ event: z.literal('problem'), reason: z.string() })
]);
export type SampleMessage = z.infer<typeof sampleMessage>;
