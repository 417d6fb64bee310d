import { z } from 'zod';
import type { RunningProduct } from './running-product.ts';

const listed = z.object({
	records: z.array(z.object({ uri: z.string(), value: z.record(z.unknown()) }))
});

/** The records of one kind in somebody's own repository, as anybody can read them. */
export async function listRecords(
	{ network }: RunningProduct,
	repo: string,
	kind: 'track' | 'list'
) {
	const query = new URLSearchParams({ repo, collection: `fm.plyr.dev.${kind}` });
	const response = await fetch(`${network.pdsUrl}/xrpc/com.atproto.repo.listRecords?${query}`);
	return listed.parse(await response.json()).records;
}
