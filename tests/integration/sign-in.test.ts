import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { SignInProblemCode } from '#lib/auth/sign-in-sentences.ts';
import { createArtist, findArtist } from '#lib/server/artists/artists.ts';
import type { Oauth } from '#lib/server/atproto/oauth.ts';
import { SignInProblem } from '#lib/server/atproto/sign-in-problem.ts';
import { exchangeForSession } from '#lib/server/auth/exchange-tokens.ts';
import { finishSignIn, signOut, startSignIn } from '#lib/server/auth/sign-in.ts';
import { findViewer } from '#lib/server/auth/sessions.ts';
import { sweepSignIns } from '#lib/server/auth/sweep.ts';
import { DomainError } from '#lib/server/errors.ts';
import { type Jobs, openJobs } from '#lib/server/jobs/jobs.ts';
import { createLogger } from '#lib/server/log.ts';
import { walkAuthorization } from '../../dev/network/fetch-login.ts';
import { type LocalPeople, startLocalPeople } from './local-people.ts';
import { tokensAtPds } from './pds-tokens.ts';

const alice = { username: 'alice.test', password: 'alice-pass' };
const twoWeeksMs = 14 * 24 * 60 * 60 * 1000;

const fails =
	(code: SignInProblemCode, started?: { handle: string; returnTo?: string }) =>
	(error: unknown) => {
		assert.ok(error instanceof SignInProblem, String(error));
		assert.equal(error.code, code);
		if (started) assert.partialDeepStrictEqual(error.started, started);
		return true;
	};

describe('signing in', { timeout: 120_000 }, () => {
	let people: LocalPeople;
	let jobs: Jobs;
	before(async () => {
		people = await startLocalPeople();
		const log = createLogger('error', (line) => people.logged.push(line));
		jobs = await openJobs({ sql: people.database.sql, log });
	});
	after(async () => {
		await jobs.close();
		await people.close();
	});
	beforeEach(async () => {
		await people.database.sql`truncate sessions, exchange_tokens, artists cascade`;
	});

	const contextOf = (oauth: Oauth = people.oauth) => ({
		config: people.config,
		db: people.database.db,
		log: createLogger('debug', (line) => people.logged.push(line)),
		jobs,
		oauth
	});

	const start = (input: { handle?: string; returnTo?: string; program?: string }, oauth?: Oauth) =>
		startSignIn(contextOf(oauth), {
			handle: input.handle ?? 'alice.test',
			returnTo: input.returnTo ?? null,
			program: input.program ?? null,
			binding: undefined
		});

	/** All the way through the real pages of the PDS. */
	async function signIn(
		input: Parameters<typeof start>[0] & { former?: string; deny?: boolean } = {},
		oauth?: Oauth
	) {
		const { url, binding } = await start(input, oauth);
		const { searchParams } = await walkAuthorization(url, { ...alice, deny: input.deny ?? false });
		const browser = { binding, former: input.former, device: null };
		const finished = await finishSignIn(contextOf(oauth), searchParams, browser);
		return { ...finished, searchParams, browser };
	}

	async function signInHere(input: Parameters<typeof signIn>[0] = {}) {
		const { session, ...rest } = await signIn(input);
		assert.ok(session);
		return { session, ...rest };
	}

	it('makes a session and leads a newcomer to their profile, then where they were going', async () => {
		const { session, location } = await signInHere({ returnTo: '/portal?tab=new' });
		assert.equal(location, '/profile/setup?return_to=%2Fportal%3Ftab%3Dnew');
		assert.ok(Math.abs(session.expiresAt.getTime() - Date.now() - twoWeeksMs) < 5_000);
		const viewer = await findViewer(people.database.db, session.id);
		assert.ok(viewer);
		assert.partialDeepStrictEqual(viewer, { handle: 'alice.test', displayName: null });

		await createArtist(contextOf(), viewer, { displayName: '', bio: null, avatarImageId: null });
		const again = await signInHere({ returnTo: '/portal?tab=new' });
		assert.equal(again.location, '/portal?tab=new');
		const artist = await findViewer(people.database.db, again.session.id);
		assert.equal(artist?.displayName, 'alice.test');
	});

	it('refreshes the label and the server of an artist, who stays the same artist', async () => {
		const { session } = await signInHere();
		const viewer = await findViewer(people.database.db, session.id);
		assert.ok(viewer);
		const profile = { displayName: 'Alice', bio: null, avatarImageId: null };
		await createArtist(contextOf(), viewer, profile);
		await people.database.sql`update artists set handle = 'old.test', pds_url = 'http://old.test'`;
		await signInHere();
		assert.equal((await findArtist(contextOf(), { handle: 'ALICE.test' })).did, viewer.did);
		// who has the address of before finds them
		assert.equal((await findArtist(contextOf(), { handle: 'old.test' })).did, viewer.did);
		await assert.rejects(findArtist(contextOf(), { handle: 'other.test' }), { status: 404 });
		const [row] = await people.database.sql`select pds_url from artists`;
		assert.equal(row?.['pds_url'], people.network.pdsUrl);
	});

	it('ends kindly when consent is denied, and remembers who it was', async () => {
		await assert.rejects(
			signIn({ deny: true, returnTo: '/portal' }),
			fails('denied', { handle: 'alice.test', returnTo: '/portal' })
		);
	});

	it('says so when nobody is known under the handle', () =>
		assert.rejects(start({ handle: 'nobody.test' }), fails('handle_unknown')));

	it('says so when there is no handle, or what is given is none', async () => {
		await assert.rejects(start({ handle: ' ' }), fails('handle_missing'));
		await assert.rejects(start({ handle: 'alice' }), fails('handle_invalid'));
	});

	it('says so when the server behind the handle does not answer', async () => {
		const directory = await startDirectory('http://localhost:1');
		const oauth = await people.open({
			config: {
				atproto: {
					...people.config.atproto,
					plcUrl: directory.url,
					handleResolverUrl: directory.url
				}
			}
		});
		await assert.rejects(start({ handle: 'away.test' }, oauth), fails('pds_unreachable'));
		directory.close();
		await assert.rejects(start({ handle: 'other.test' }, oauth), fails('network_unreachable'));
	});

	it('never asks an address within our own network, whatever the identity names', async () => {
		const { hostname, port } = new URL(people.network.pdsUrl);
		assert.equal(hostname, 'localhost');
		const oauth = await people.open({
			config: {
				allowInsecureNetwork: false,
				atproto: { ...people.config.atproto, plcUrl: `https://localhost:${port}` }
			}
		});
		await assert.rejects(start({}, oauth), fails('network_unreachable'));
	});

	it('works once: the same answer of the PDS again is refused', async () => {
		const { searchParams, browser } = await signIn();
		await assert.rejects(finishSignIn(contextOf(), searchParams, browser), fails('expired'));
	});

	it('works once, also when the answer comes twice at the same moment', async () => {
		const { url, binding } = await start({});
		const { searchParams } = await walkAuthorization(url, alice);
		const browser = { binding, former: undefined, device: null };
		const results = await Promise.allSettled(
			[1, 2, 3].map(() => finishSignIn(contextOf(), searchParams, browser))
		);
		const refused = results.filter((result) => result.status === 'rejected');
		assert.equal(refused.length, 2);
		for (const { reason } of refused) fails('expired')(reason);
	});

	it('has to begin again after an hour', async () => {
		const { url, binding } = await start({ returnTo: '/portal' });
		const { searchParams } = await walkAuthorization(url, alice);
		await people.database.sql`update oauth_states set created_at = now() - interval '61 minutes'`;
		await assert.rejects(
			finishSignIn(contextOf(), searchParams, { binding, former: undefined, device: null }),
			fails('expired', { handle: 'alice.test', returnTo: '/portal' })
		);
	});

	it('is refused in a browser that did not start it, and still works in the one that did', async () => {
		const { url, binding } = await start({});
		const { searchParams } = await walkAuthorization(url, alice);
		for (const stranger of [undefined, 'x'.repeat(43)]) {
			const browser = { binding: stranger, former: undefined, device: null };
			await assert.rejects(
				finishSignIn(contextOf(), searchParams, browser),
				fails('other_browser')
			);
		}
		await finishSignIn(contextOf(), searchParams, { binding, former: undefined, device: null });
	});

	it('says so when parameters are missing, unknown or from another server', async () => {
		const finish = (params: Record<string, string>, binding?: string) =>
			finishSignIn(contextOf(), new URLSearchParams(params), {
				binding,
				former: undefined,
				device: null
			});
		await assert.rejects(finish({}), fails('incomplete'));
		await assert.rejects(finish({ code: 'x', state: 'unknown' }), fails('expired'));
		const noCode = await start({});
		const state = await newestState();
		await assert.rejects(finish({ state }, noCode.binding), fails('incomplete'));

		const wrongIssuer = await start({});
		const { searchParams } = await walkAuthorization(wrongIssuer.url, alice);
		searchParams.set('iss', 'https://evil.example');
		const browser = { binding: wrongIssuer.binding, former: undefined, device: null };
		await assert.rejects(finishSignIn(contextOf(), searchParams, browser), fails('refused'));

		const wrongCode = await start({});
		const params = { code: 'cod-0000', iss: people.network.pdsUrl, state: await newestState() };
		await assert.rejects(finish(params, wrongCode.binding), fails('refused'));
	});

	it('is undone when not everything was granted, also at the PDS', async () => {
		const did = people.didOf('alice');
		await people.oauth.revoke(did);
		// a permission that does not exist, so no PDS grants it
		const scope = `${people.config.atproto.scope} repo:fm.plyr.dev.*`;
		const oauth = await people.open({
			config: { atproto: { ...people.config.atproto, scope } }
		});
		await assert.rejects(signIn({}, oauth), fails('permission_missing', { handle: 'alice.test' }));
		assert.equal(tokensAtPds(people.networkDir, did).grants, 0);
		const kept = await people.database.sql`select 1 from oauth_sessions where did = ${did}`;
		assert.equal(kept.length, 0);
	});

	it('leaves no token, key or handle readable in the database or the log', async () => {
		const { url, binding } = await start({ returnTo: '/portal' });
		const [state] = await people.database.sql`select * from oauth_states`;
		const { searchParams } = await walkAuthorization(url, alice);
		await finishSignIn(contextOf(), searchParams, { binding, former: undefined, device: null });
		const [grant] = await people.database.sql`select * from oauth_sessions`;
		for (const row of [state, grant]) {
			const raw = Buffer.from(row?.['ciphertext']).toString('latin1');
			for (const secret of [
				'access_token',
				'refresh_token',
				'eyJ',
				'dpop',
				'verifier',
				'"d"',
				'alice',
				binding
			]) {
				assert.equal(raw.includes(secret), false, secret);
			}
		}
		const code = searchParams.get('code') ?? 'none';
		for (const secret of [code, binding, 'eyJ', 'ref-']) {
			assert.equal(
				people.logged.some((line) => line.includes(secret)),
				false,
				secret
			);
		}
	});

	it('keeps only a hash of the session id, and forgets a session that has ended', async () => {
		const { session } = await signInHere();
		assert.match(session.id, /^[\w-]{43}$/);
		const [row] = await people.database.sql`select * from sessions`;
		assert.equal(JSON.stringify(row).includes(session.id), false);
		await people.database.sql`update sessions set expires_at = now() - interval '1 second'`;
		assert.equal(await findViewer(people.database.db, session.id), null);
		assert.equal((await people.database.sql`select 1 from sessions`).length, 0);
	});

	it('ends the session this browser had before, and no other', async () => {
		const phone = await signInHere();
		const laptop = await signInHere();
		const laptopAgain = await signInHere({ former: laptop.session.id });
		const { db } = people.database;
		assert.ok(await findViewer(db, phone.session.id));
		assert.equal(await findViewer(db, laptop.session.id), null);
		assert.ok(await findViewer(db, laptopAgain.session.id));
	});

	it('signing out of one browser leaves the others; the last one revokes the grant', async () => {
		const did = people.didOf('alice');
		const phone = await signInHere();
		const laptop = await signInHere();
		await signOut(contextOf(), phone.session.id);
		assert.equal(tokensAtPds(people.networkDir, did).grants, 1);
		await people.oauth.agentFor(did);
		await signOut(contextOf(), laptop.session.id);
		assert.equal(tokensAtPds(people.networkDir, did).grants, 0);
		await assert.rejects(people.oauth.agentFor(did), { code: 'sign_in_again' });
		await signOut(contextOf(), laptop.session.id);
	});

	it('gives a program a code that works once, within a minute', async () => {
		const program = 'http://127.0.0.1:4567/done?keep=1';
		const { location, session } = await signIn({ program });
		assert.equal(session, undefined);
		assert.equal((await people.database.sql`select 1 from sessions`).length, 0);
		const back = new URL(location);
		const token = back.searchParams.get('exchange_token') ?? '';
		back.searchParams.delete('exchange_token');
		assert.equal(back.href, program);

		const { db } = people.database;
		const results = await Promise.allSettled(
			[1, 2, 3].map(() => exchangeForSession(db, token, null))
		);
		const [made, ...more] = results.filter((result) => result.status === 'fulfilled');
		assert.equal(more.length, 0);
		assert.equal((await findViewer(db, made?.value.id ?? ''))?.handle, 'alice.test');

		const late = await signIn({ program });
		await people.database.sql`update exchange_tokens set expires_at = now()`;
		const lateToken = new URL(late.location).searchParams.get('exchange_token') ?? '';
		for (const refused of [token, lateToken, 'made-up']) {
			await assert.rejects(exchangeForSession(db, refused, null), (error: unknown) => {
				assert.ok(error instanceof DomainError);
				assert.equal(error.message, 'invalid, expired, or already used exchange token');
				return error.status === 401;
			});
		}
	});

	it('refuses a program that is not on this computer', () =>
		assert.rejects(start({ program: 'https://evil.example/' }), fails('program_invalid')));

	it('goes on with an upload that waited for it', async () => {
		const id = '0198f5a0-0000-7000-8000-000000000001';
		const did = people.didOf('alice');
		await people.database.sql`
			insert into uploads (id, artist_did, rkey, status, stage, message, error_code, file_name)
			values (${id}, ${did}, '3kwaits', 'waiting', 'stored', 'sign in', 'sign_in_again', 'a.wav')`;
		await signInHere();
		const [upload] = await people.database.sql`select status, error_code from uploads`;
		assert.deepEqual({ ...upload }, { status: 'pending', error_code: null });
	});

	it('is swept: what has ended by itself goes, and a grant nobody uses is revoked', async () => {
		const did = people.didOf('alice');
		await sweepSignIns(contextOf());
		await signInHere();
		await start({});
		await signIn({ program: 'http://127.0.0.1:4567/' });
		assert.deepEqual(await sweepSignIns(contextOf()), {
			sessions: 0,
			states: 0,
			exchangeTokens: 0,
			grants: 0
		});
		await people.database.sql`update sessions set expires_at = now() - interval '1 second'`;
		await people.database.sql`update oauth_states set created_at = now() - interval '2 hours'`;
		await people.database.sql`update exchange_tokens set expires_at = now() - interval '2 hours'`;
		await people.database.sql`update oauth_sessions set updated_at = now() - interval '2 hours'`;
		const swept = await sweepSignIns(contextOf());
		assert.partialDeepStrictEqual(swept, { sessions: 1, exchangeTokens: 1, grants: 1 });
		assert.ok(swept.states >= 1);
		assert.equal(tokensAtPds(people.networkDir, did).grants, 0);
	});

	async function newestState(): Promise<string> {
		const [row] = await people.database
			.sql`select state from oauth_states order by created_at desc limit 1`;
		return String(row?.['state']);
	}
});

/** A directory that knows everybody, and says their server is at one address. */
async function startDirectory(pdsUrl: string): Promise<{ url: string; close(): void }> {
	const did = 'did:plc:awayawayawayawayawayaway';
	const server = createServer((request, response) => {
		const url = new URL(request.url ?? '/', 'http://x');
		const handle = url.searchParams.get('handle') ?? 'away.test';
		const document = {
			id: did,
			alsoKnownAs: [`at://${handle}`],
			service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: pdsUrl }]
		};
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify(url.pathname.startsWith('/xrpc/') ? { did } : document));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const close = () => {
		server.closeAllConnections();
		server.close();
	};
	return { url: `http://localhost:${(server.address() as AddressInfo).port}`, close };
}
