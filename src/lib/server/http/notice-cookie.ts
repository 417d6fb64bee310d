import type { RequestEvent } from '@sveltejs/kit';

/** What the next page says once: what was done while the browser was led there from elsewhere. */
const NOTICE_COOKIE = 'notice';

/** The page it leads to is opened at once, or not at all. */
const NOTICE_SECONDS = 60;

type Answer = Pick<RequestEvent, 'cookies' | 'locals'>;

/** Has the next page of this browser say a sentence. */
export function sayNext(answer: Answer, sentence: string): void {
	answer.cookies.set(NOTICE_COOKIE, Buffer.from(sentence).toString('base64url'), {
		...attributes(answer),
		maxAge: NOTICE_SECONDS
	});
}

/** What this page is to say, once; null: nothing. Whoever writes such a cookie reads it themselves. */
export function takeNotice(answer: Answer): string | null {
	const kept = answer.cookies.get(NOTICE_COOKIE);
	if (kept === undefined) return null;
	answer.cookies.delete(NOTICE_COOKIE, attributes(answer));
	return Buffer.from(kept, 'base64url').toString('utf8') || null;
}

const attributes = ({ locals }: Answer) =>
	({ path: '/', httpOnly: true, sameSite: 'lax', secure: locals.ctx.config.isSecure }) as const;
