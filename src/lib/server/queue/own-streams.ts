import type { Hub } from '#lib/server/events/hub.ts';

/** A browser needs one; who has more than this many has left the oldest behind. */
const MAX_STREAMS = 20;

/** what ends each stream of this process, the oldest first, by whose it is */
const endings = new Map<string, Set<() => void>>();

/** The hub for one more stream of a person: the oldest one ends when they have too many. */
export function hubForOneMore(hub: Hub, did: string): Hub {
	return {
		...hub,
		onClose(end) {
			const own = endings.get(did) ?? new Set();
			endings.set(did, own.add(end));
			const [oldest] = own;
			if (own.size > MAX_STREAMS) oldest?.();
			const stopListening = hub.onClose(end);
			return () => {
				stopListening();
				own.delete(end);
				if (own.size === 0 && endings.get(did) === own) endings.delete(did);
			};
		}
	};
}
