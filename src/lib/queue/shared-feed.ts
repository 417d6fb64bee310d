import { type Channel, tryChannel } from '#lib/open-channel.ts';
import type { FeedNews, QueueFeed } from './queue-feed.ts';

/** A tab that was asked and says nothing by then is stuck, or was put to sleep. */
const PATIENCE_MS = 2_000;

/** What tabs say to each other. */
type Message = 'ask' | 'here' | FeedNews;

/** The parts of the browser it needs; a page that came without https has no locks. */
export interface SharedFeedEnvironment {
	locks: Pick<LockManager, 'request'> | undefined;
	channel: Channel | undefined;
}

/** @param name of the right to listen, and of the line on which its holder tells the others */
export const browserTabs = (name: string): SharedFeedEnvironment => ({
	locks: (navigator as Partial<Navigator>).locks,
	channel: tryChannel(name)
});

/**
 * The server's news in all tabs of a browser by one connection: over HTTP/1.1 a browser has six of
 * them to a site, and each that stays open is taken from all tabs. A Web Lock says which tab listens;
 * it tells the others. Without locks each tab listens while it is looked at.
 */
export class SharedFeed {
	#isHolder = false;
	#isWaiting = false;
	#isClosed = false;
	#canShare: boolean;
	/** what is told to a tab that comes later, by its kind */
	#last: { [Kind in FeedNews['kind']]?: Extract<FeedNews, { kind: Kind }> } = {};
	#patience: ReturnType<typeof setTimeout> | undefined;
	#release: () => void = () => undefined;
	#callOff = new AbortController();
	readonly #name: string;
	readonly #hear: (news: FeedNews) => void;
	readonly #feed: Pick<QueueFeed, 'open' | 'close'>;
	readonly #environment: SharedFeedEnvironment;

	/** @param open makes the connection, closed yet */
	constructor(
		name: string,
		hear: (news: FeedNews) => void,
		open: (hear: (news: FeedNews) => void) => Pick<QueueFeed, 'open' | 'close'>,
		environment = browserTabs(name)
	) {
		this.#name = name;
		this.#hear = hear;
		this.#environment = environment;
		this.#canShare = environment.locks !== undefined && environment.channel !== undefined;
		this.#feed = open((news) => {
			this.tell(news);
			hear(news);
		});
		const { channel } = environment;
		if (channel) channel.onmessage = ({ data }: MessageEvent<Message>) => this.#listen(data);
	}

	/** The page is looked at, or the line is back: makes sure that somebody listens. */
	open(): void {
		if (this.#isClosed) return;
		if (this.#isHolder || !this.#canShare) {
			this.#feed.open();
			return;
		}
		if (!this.#isWaiting) this.#request(false);
		this.#post('ask');
		clearTimeout(this.#patience);
		this.#patience = setTimeout(() => {
			if (!this.#isHolder) this.#request(true);
		}, PATIENCE_MS);
	}

	/** The page is not looked at: without sharing, others need the connection more. */
	rest(): void {
		if (!this.#canShare) this.#feed.close();
	}

	/** Tells the other tabs, when this one is who listens; also what it knows without the server's news. */
	tell(news: FeedNews): void {
		if (!this.#isHolder) return;
		if (news.kind === 'queue') {
			if (!news.isPutBack && news.queue.revision <= (this.#last.queue?.queue.revision ?? -1)) {
				return;
			}
			// for who comes later it is no news that the server was put back
			this.#last.queue = { ...news, isPutBack: false };
		} else if (news.kind === 'playhead') this.#last.playhead = news;
		this.#post(news);
	}

	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#patience);
		this.#callOff.abort();
		this.#release();
		this.#feed.close();
		this.#environment.channel?.close();
	}

	#listen(message: Message): void {
		if (message === 'ask') {
			if (!this.#isHolder) return;
			this.#post('here');
			for (const news of Object.values(this.#last)) this.#post(news);
			return;
		}
		clearTimeout(this.#patience);
		if (message !== 'here') this.#hear(message);
	}

	#post(message: Message): void {
		this.#environment.channel?.postMessage(message);
	}

	/** Waits for the right to listen, or takes it from who does not answer. */
	#request(isStolen: boolean): void {
		this.#callOff.abort();
		this.#callOff = new AbortController();
		this.#isWaiting = true;
		const { signal } = this.#callOff;
		const hold = () =>
			new Promise<void>((resolve) => {
				if (signal.aborted) {
					resolve();
					return;
				}
				clearTimeout(this.#patience);
				this.#release = resolve;
				this.#isHolder = true;
				this.#feed.open();
			});
		const options: LockOptions = isStolen ? { steal: true } : { signal };
		this.#environment.locks?.request(this.#name, options, hold).catch(() => {
			if (!signal.aborted) this.#lose();
		});
	}

	/** Another tab has taken the right; or the browser gives none, where site data is blocked. */
	#lose(): void {
		this.#isWaiting = false;
		if (this.#isHolder) {
			this.#isHolder = false;
			this.#last = {};
			this.#feed.close();
			this.#request(false);
			return;
		}
		clearTimeout(this.#patience);
		this.#canShare = false;
		this.#feed.open();
	}
}
