import { z } from 'zod';

/** What the network's process says on its standard output, one JSON object per line. */
export const networkMessage = z.discriminatedUnion('event', [
	z.object({
		/** first: the addresses are ours, nobody answers there yet */
		event: z.literal('addresses'),
		pdsUrl: z.string(),
		plcUrl: z.string()
	}),
	z.object({
		/** then: everything answers and the accounts exist */
		event: z.literal('ready'),
		pdsUrl: z.string(),
		plcUrl: z.string(),
		movedAccounts: z.number(),
		accounts: z.array(
			z.object({ handle: z.string(), email: z.string(), password: z.string(), did: z.string() })
		)
	})
]);
export type NetworkMessage = z.infer<typeof networkMessage>;
