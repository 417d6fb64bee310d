import { sql as rawSql } from 'kysely';
import type postgres from 'postgres';
import type { Db } from '#lib/server/db/connect.ts';
import type { Logger } from '#lib/server/log.ts';

/** Something changed: a row of a kind, by its id. The listener reads the row; the news carries no content. */
export interface News {
	topic: 'upload' | 'session' | 'queue';
	id: string;
	/** whose it is, so that a listener of one person's things hears all of them */
	did: string;
}

type Listener = (news: News) => void;

/**
 * Postgres NOTIFY to the listeners of this process. Delivery is a courtesy: a listener must also
 * read its row when it subscribes and now and then, because a notification can be lost.
 */
export interface Hub {
	/** every piece of news about one row, or (with a did) about everything of one person */
	subscribe(match: { id: string } | { did: string }, listener: Listener): () => void;
	/** called when the process is about to stop: streams must end now or they delay it; at once when it has begun to */
	onClose(action: () => void): () => void;
	/** ends every stream of this process, and whichever still begins; `close` does it too */
	closeStreams(): void;
	close(): Promise<void>;
}

const CHANNEL = 'plyr_news';

/**
 * Announces a change from inside the transaction that makes it: it is delivered when the
 * transaction commits, and not at all when it does not.
 */
export async function announce(db: Db, news: News): Promise<void> {
	await rawSql`select pg_notify(${CHANNEL}, ${JSON.stringify(news)})`.execute(db);
}

/** Starts listening on a connection of its own, outside the pool; postgres.js reconnects it. */
export async function openHub(sql: postgres.Sql, log: Logger): Promise<Hub> {
	const listeners = new Map<string, Set<Listener>>();
	const closers = new Set<() => void>();
	let areEnding = false;
	const deliver = (payload: string) => {
		const news = JSON.parse(payload) as News;
		for (const key of [`id:${news.id}`, `did:${news.did}`]) {
			for (const listener of listeners.get(key) ?? []) listener(news);
		}
	};
	const subscription = await sql.listen(CHANNEL, deliver, () => log.debug('hub_listening'));
	const closeStreams = () => {
		areEnding = true;
		for (const close of [...closers]) close();
		closers.clear();
	};
	return {
		subscribe(match, listener) {
			const key = 'id' in match ? `id:${match.id}` : `did:${match.did}`;
			const group = listeners.get(key) ?? new Set();
			listeners.set(key, group.add(listener));
			return () => {
				group.delete(listener);
				if (group.size === 0 && listeners.get(key) === group) listeners.delete(key);
			};
		},
		onClose(action) {
			// a request that was under way when the stop began may become a stream after it
			if (areEnding) queueMicrotask(action);
			else closers.add(action);
			return () => closers.delete(action);
		},
		closeStreams,
		async close() {
			closeStreams();
			await subscription.unlisten();
		}
	};
}
