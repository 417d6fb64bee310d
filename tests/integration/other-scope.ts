import assert from 'node:assert/strict';
import { openOauth } from '#lib/server/atproto/oauth.ts';
import { finishSignIn, startSignIn } from '#lib/server/auth/sign-in.ts';
import type { Context } from '#lib/server/context.ts';
import { type DatabaseAddress, openLeases } from '#lib/server/db/connect.ts';
import { readSecrets } from '#lib/server/secrets.ts';
import { walkAuthorization } from '../../dev/network/fetch-login.ts';

/** The same application, but one that asks for other permissions: as it did before there were more. */
export async function openWithScope(
	site: Context,
	scope: string
): Promise<{ ctx: Context; close(): Promise<void> }> {
	const { config, db, log } = site;
	const locks = openLeases(await addressOf(site), config.database, 2);
	const { metrics, tracer } = site;
	const oauth = await openOauth({
		config: { ...config, atproto: { ...config.atproto, scope } },
		log,
		db,
		locks,
		secrets: await readSecrets(config),
		...{ metrics, tracer }
	});
	return { ctx: { ...site, oauth }, close: () => locks.end() };
}

/** Signs alice in all the way through the pages of the PDS, as the routes do it. */
export async function signInAlice(ctx: Context): Promise<void> {
	const request = { handle: 'alice.test', returnTo: '/', program: null, binding: undefined };
	const { url, binding } = await startSignIn(ctx, request);
	const consent = { username: 'alice.test', password: 'alice-pass' };
	const { searchParams } = await walkAuthorization(url, consent);
	await finishSignIn(ctx, searchParams, { binding, former: undefined, device: null });
}

/** Where the embedded database listens. */
async function addressOf({ sql }: Context): Promise<DatabaseAddress> {
	const [address] = await sql<Extract<DatabaseAddress, object>[]>`
		select current_setting('unix_socket_directories') as host,
			current_setting('port')::int as port, current_user as user, current_database() as database`;
	assert.ok(address);
	return address;
}
