import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type postgres from 'postgres';
import { openProductDatabase } from '../e2e/product-database.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { locationOf, Visitor } from './visitor.ts';

describe('what an artist does not want any more, on the portal', () => {
	let site: LocalSite;
	let sql: postgres.Sql;
	let alice: Visitor;
	let did: string;

	before(async () => {
		// nobody works on the uploads: each stays as it is
		site = await startLocalSite({ ROLES: 'web' });
		sql = await openProductDatabase(site);
		alice = new Visitor(site.url);
		await alice.submit(locationOf(await alice.signIn('alice')), { display_name: 'alice', bio: '' });
		const [artist] = await sql<{ did: string }[]>`select did from artists`;
		did = artist?.did ?? assert.fail('no artist');
	});
	after(async () => {
		await sql.end();
		await site.close();
	});

	async function upload(change: Record<string, unknown>): Promise<string> {
		const row = {
			id: randomUUID(),
			artist_did: did,
			rkey: randomUUID().slice(0, 13),
			status: 'pending',
			stage: 'received',
			message: 'it takes longer. your upload is kept and tried again by itself',
			file_name: 'a.wav',
			fields: {},
			findings: {},
			size_bytes: 1000,
			...change
		};
		await sql`insert into uploads ${sql(row as never)}`;
		return row.id;
	}

	/** What the portal shows about it. */
	async function shown(id: string): Promise<string> {
		const html = await (await alice.open(`/portal?upload=${id}`)).text();
		return new RegExp(`<li id="upload-${id}".*?</li>`, 's').exec(html)?.[0] ?? '';
	}
	const discard = (id: string) => alice.submit('/portal?/discard', { upload_id: id });
	const offer = />discard</;

	it('is an upload: it can be discarded while it is tried again by itself, or prepared', async () => {
		for (const change of [
			{ stage: 'stored', error_code: 'pds_unavailable' },
			{ status: 'processing', stage: 'inspected' }
		]) {
			const id = await upload(change);
			assert.match(await shown(id), offer);
			assert.equal(locationOf(await discard(id)), '/portal');
			assert.equal(await shown(id), '');
		}
	});

	it('is an upload that says when it can go while its record is being written', async () => {
		const id = await upload({ status: 'processing', stage: 'stored' });
		const html = await shown(id);
		assert.doesNotMatch(html, offer);
		assert.match(html, /too late to discard it. in a moment it is a track, which you can delete/);
		const answer = await discard(id);
		assert.equal(answer.status, 409);
		assert.match(
			await answer.text(),
			/role="alert"[^>]*>\s*this upload is at “writing your record”/
		);
	});

	it('is an upload that leads to the track it has become', async () => {
		const file = { file_id: '0'.repeat(16), sha256: '0'.repeat(64), storage_key: 'audio/0.mp3' };
		const kind = { file_type: 'mp3', content_type: 'audio/mpeg', size_bytes: 1 };
		await sql`insert into audio_files ${sql({ ...file, ...kind })}`;
		const { file_id } = file;
		const uri = `at://${did}/fm.plyr.dev.track/3kaaaaaaaaaaa`;
		const record = { artist_did: did, rkey: '3kaaaaaaaaaaa', record_uri: uri, record_cid: 'bafy' };
		const row = {
			...record,
			title: 'done',
			file_id,
			original_file_id: file_id,
			created_at: new Date()
		};
		const [track] = await sql<{ id: number }[]>`insert into tracks ${sql(row)} returning id`;
		const id = await upload({ status: 'completed', stage: 'indexed', track_id: track?.id });
		const answer = await discard(id);
		assert.equal(answer.status, 409);
		const [alert = ''] = /<p[^>]*role="alert".*?<\/p>/s.exec(await answer.text()) ?? [];
		assert.match(alert, /this upload is a track already. delete the track instead/);
		assert.match(alert, new RegExp(`href="[^"]*/track/${track?.id}"`));
	});

	it('is an album: as long as it is not gone everywhere, it says what its deletion waits for', async () => {
		const waiting = {
			sign_in_again: /is hidden. <a href="[^"]*\/login\?return_to=%2Fportal">sign in to finish/,
			permission_needed: /does not let us delete it: it is tried again by itself, or <a/,
			record_refused: /refused to delete its record: it is tried again by itself/,
			'': /is hidden, and being removed everywhere/
		};
		for (const [code, words] of Object.entries(waiting)) {
			await sql`insert into albums (artist_did, slug, title, deletion, waiting_code) values
				(${did}, ${`gone-${code}`}, ${`Gone ${code}`}, 'with_tracks', ${code === '' ? null : code})`;
			const html = await (await alice.open('/portal')).text();
			const found = /<ul[^>]*aria-label="albums you have deleted".*?<\/ul>/s.exec(html)?.[0] ?? '';
			// as it is read: how its source is wrapped says nothing
			const list = found.replace(/\s+/g, ' ');
			const item = list.split('<li').find((one) => one.includes(`Gone ${code}<`)) ?? '';
			assert.match(item, words);
		}
	});
});
