import { refusalOf } from '#lib/refusal.ts';

const LIMIT_MS = 30_000;

/**
 * Whether this browser is still signed in as the artist a page was made for: another tab may have
 * changed that, and what is theirs is not found for anybody else.
 * @throws RefusedError; TypeError or DOMException when nobody answered
 */
export async function isSignedInAs(did: string): Promise<boolean> {
	const response = await fetch('/api/auth/me', {
		headers: { accept: 'application/json' },
		signal: AbortSignal.timeout(LIMIT_MS)
	});
	if (response.status === 401) return false;
	if (!response.ok) throw await refusalOf(response);
	return ((await response.json()) as { did: string }).did === did;
}
