import { setTimeout as sleep } from 'node:timers/promises';
import { Visitor } from '../integration/visitor.ts';

export interface Call {
	method: string;
	path: string;
	headers?: Record<string, string>;
	body?: Uint8Array | string | FormData;
}

export interface Answer {
	status: number;
	/** of an error under /api */
	code: string | undefined;
	headers: Headers;
	json: Record<string, unknown>;
}

const ANSWER_LIMIT_MS = 60_000;
const PAUSE_MS = 250;
/** Longer than a lease that nobody renews, and than the longest time without a process. */
const PATIENCE_MS = 120_000;

/** A server's own trouble, or "not now". */
const isPassing = ({ status }: Answer) => status >= 500 || [408, 423, 425, 429].includes(status);

/** Says what an artist's program does, and keeps doing it until there is an answer. */
export class Artist {
	readonly name: string;
	readonly #url: string;
	readonly #note: (line: string) => void;
	#session = '';
	did = '';
	/** answers nobody should get */
	readonly internalErrors: string[] = [];
	signIns = 0;
	#signingIn: Promise<void> | undefined;

	/** @param note takes a line about every answer */
	constructor(url: string, name: string, note: (line: string) => void) {
		this.#url = url;
		this.#note = note;
		this.name = name;
	}

	/** Signs in through the pages of the PDS. */
	signIn(): Promise<void> {
		return (this.#signingIn ??= this.#signInNow().finally(() => (this.#signingIn = undefined)));
	}

	async #signInNow(): Promise<void> {
		for (let attempt = 0; ; attempt++) {
			try {
				const visitor = new Visitor(this.#url);
				await visitor.signIn(this.name);
				this.#session = visitor.cookies.get('session_id') ?? '';
				if (!this.#session) throw new Error(`${this.name} could not sign in`);
				this.signIns++;
				return;
			} catch (cause) {
				if (attempt === 60) throw cause;
				await sleep(PAUSE_MS * 4);
			}
		}
	}

	async makeProfile(): Promise<void> {
		const profile = await this.insist({
			method: 'POST',
			path: '/api/artists/',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ display_name: `${this.name} the artist` })
		});
		const me = await this.insist({ method: 'GET', path: '/api/auth/me' });
		this.did = String(me?.answer.json['did']);
		if (!profile || !this.did.startsWith('did:')) throw new Error(`${this.name} has no profile`);
	}

	/** One request. @returns null when there was no answer: nobody knows what was done */
	async call(call: Call): Promise<Answer | null> {
		const answer = await this.#send(call);
		const { method, path, body } = call;
		const sent = typeof body === 'string' ? ` ${body.slice(0, 300)}` : '';
		const said = answer
			? `${answer.status} ${JSON.stringify(answer.json).slice(0, 300)}`
			: 'nothing';
		this.#note(`${new Date().toISOString()} ${this.name} ${method} ${path}${sent}: ${said}`);
		return answer;
	}

	async #send({ method, path, headers, body }: Call): Promise<Answer | null> {
		try {
			const response = await fetch(this.#url + path, {
				method,
				headers: { authorization: `Bearer ${this.#session}`, ...headers },
				body: body as BodyInit | undefined,
				signal: AbortSignal.timeout(ANSWER_LIMIT_MS)
			});
			const text = await response.text();
			const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
			const code = typeof json['code'] === 'string' ? json['code'] : undefined;
			if (response.status === 500) this.internalErrors.push(`${method} ${path}: ${text}`);
			return { status: response.status, code, headers: response.headers, json };
		} catch {
			return null;
		}
	}

	/**
	 * Repeats a request until it is answered for good, signing in where that is asked for.
	 * @returns the answer, and whether an earlier try may have done it; null: patience is over
	 */
	async insist(
		call: Call,
		isLater: (answer: Answer) => boolean = () => false
	): Promise<{ answer: Answer; isRepeated: boolean } | null> {
		const endsAt = Date.now() + PATIENCE_MS;
		for (let isRepeated = false; Date.now() < endsAt; isRepeated = true) {
			const answer = await this.call(call);
			if (answer && !isPassing(answer) && !isLater(answer)) {
				if (answer.status !== 401) return { answer, isRepeated };
				await this.signIn();
			}
			await sleep(PAUSE_MS);
		}
		return null;
	}
}
