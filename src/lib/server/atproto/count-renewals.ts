import type { NodeSavedSession } from '@atproto/oauth-client-node';
import type { Metrics } from '#lib/server/metrics/metrics.ts';
import type { SessionStore } from './stores.ts';

/**
 * The same store: what is kept under the key of the grant before it is that grant, renewed, as a sign-in
 * makes a new key. Whoever waits for a renewal of somebody else keeps nothing, so each is counted once.
 */
export const countRenewals = (
	store: SessionStore,
	{ oauthRefreshes }: Pick<Metrics, 'oauthRefreshes'>
): SessionStore => ({
	...store,
	async set(did, session) {
		const before = await store.get(did);
		await store.set(did, session);
		if (before && keyOf(before) === keyOf(session)) oauthRefreshes.add(1, 'ok');
	}
});

/** As text: what is undefined is not there in what was kept. */
const keyOf = ({ dpopJwk }: NodeSavedSession): string => JSON.stringify(dpopJwk);
