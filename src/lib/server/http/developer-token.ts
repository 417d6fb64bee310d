import type { RequestEvent } from '@sveltejs/kit';
import type { TokenScope } from '#lib/auth/developer-token.ts';
import { TOKEN_PREFIX } from '#lib/server/auth/developer-tokens.ts';
import { forbidden } from '#lib/server/errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What changes something and may be done with a token for writing, by route. What is not here may not. */
export const WRITABLE = new Set([
	'/api/albums',
	'/api/albums/[album]',
	'/api/albums/[album]/cover',
	'/api/artists/me',
	'/api/catalogue/check',
	'/api/images',
	'/api/queue',
	'/api/queue/playhead',
	'/api/releases',
	'/api/releases/[id]',
	'/api/releases/[id]/publish',
	'/api/tracks',
	'/api/tracks/[id]',
	'/api/tracks/[id]/like',
	'/api/tracks/[id]/play',
	'/api/tracks/[id]/restore-record',
	'/api/tracks/[id]/revisions/[revision_id]/restore',
	'/api/tracks/uploads/[id]',
	'/api/tracks/uploads/[id]/retry',
	'/api/uploads/tus/[...id]'
]);

/** Questions that are too long for an address. */
const ASKED_BY_POST = new Set(['/api/tracks/likes/batch']);

/** What is read outside of /api. */
const READ_ELSEWHERE = new Set(['/(listen)/track/[id]/download']);

/** The token a program shows for its owner; undefined: whoever asks is known by something else, or not at all. */
export function developerTokenOf({ request }: Pick<RequestEvent, 'request'>): string | undefined {
	const shown = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
	return shown?.startsWith(TOKEN_PREFIX) ? shown : undefined;
}

/**
 * Whether a token may do what is asked of it.
 * @throws DomainError 403 `token_is_read_only`, `token_not_here`
 */
export function requireScope(
	{ request, route }: Pick<RequestEvent, 'request' | 'route'>,
	scope: TokenScope
): void {
	const id = route.id ?? '/api';
	if (SAFE.has(request.method) || ASKED_BY_POST.has(id)) {
		if (/^\/api(?:\/|$)/.test(id) || READ_ELSEWHERE.has(id)) return;
		throw forbidden('token_not_here', 'a token is for /api: pages are for people who sign in');
	}
	if (!WRITABLE.has(id)) {
		throw forbidden(
			'token_not_here',
			'this cannot be done with a token: settings, tokens, sign-ins and the account are for people who sign in'
		);
	}
	if (scope === 'write') return;
	throw forbidden('token_is_read_only', 'this token may read only: make one that may write, too');
}
