import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack } from './published-music.ts';
import type { Visitor } from './visitor.ts';

interface Row {
	address: string;
	cacheControl: string;
	vary: string | null;
}

/** The table of docs/cdn.md. */
const rows = [
	...readFileSync('docs/cdn.md', 'utf8').matchAll(
		/^\| `([^`]+)` *\| `([^`]+)` *\| (?:`([^`]+)`|none) *\|/gm
	)
].map(([, address = '', cacheControl = '', vary]): Row => ({
	...{ address, cacheControl },
	vary: vary ?? null
}));

describe('what a cdn is told', () => {
	let site: LocalSite;
	let alice: Visitor;
	let places: Record<string, string>;
	before(async () => {
		site = await startLocalSite();
		alice = await becomeArtist(site.url, 'alice');
		const id = await publishTrack(alice, { title: 'a tone' }, 640);
		const track = (await (await fetch(`${site.url}/api/tracks/${id}`)).json()) as {
			file_id: string;
			image_url: string;
		};
		const home = await (await fetch(site.url)).text();
		places = {
			track: String(id),
			file: track.file_id,
			image: new URL(track.image_url).pathname.split('/').at(-1) ?? '',
			page: encodeURIComponent(`${site.url}/track/${id}`),
			script: `/${/_app\/immutable\/[\w./-]+\.js/.exec(home)?.[0] ?? ''}`
		};
	});
	after(() => site.close());

	const pathOf = ({ address }: Row): string =>
		address.replaceAll(/\{(\w+)\}/g, (_all, name: string) => places[name] ?? assert.fail(name));
	const ask = async (person: { open: Visitor['open'] }, path: string) => {
		const answer = await person.open(path, { headers: { accept: 'text/html, */*' } });
		return { answer, body: Buffer.from(await answer.arrayBuffer()) };
	};
	const stranger = {
		open: (path: string, init?: RequestInit) => fetch(new URL(path, site.url), init)
	};

	it('is what its table says, address by address', async () => {
		assert.ok(rows.length > 20, `${rows.length} rows were read`);
		const found: Row[] = [];
		for (const row of rows) {
			const { answer } = await ask(stranger, pathOf(row));
			assert.equal(answer.status, 200, row.address);
			const { headers } = answer;
			const cacheControl = headers.get('cache-control') ?? '';
			found.push({ ...row, cacheControl, vary: headers.get('vary')?.toLowerCase() ?? null });
		}
		assert.deepEqual(found, rows);
	});

	it('is never to keep what is another for somebody else, or brings a cookie', async () => {
		const kept: string[] = [];
		for (const row of rows) {
			const path = pathOf(row);
			const [own, other] = [await ask(alice, path), await ask(stranger, path)];
			for (const { answer } of [own, other]) {
				const isKept = /^public,.*max-age=/.test(answer.headers.get('cache-control') ?? '');
				if (isKept) assert.equal(answer.headers.get('set-cookie'), null, path);
			}
			if (!/^public,.*max-age=/.test(own.answer.headers.get('cache-control') ?? '')) continue;
			kept.push(row.address);
			assert.ok(own.body.equals(other.body), `${path} is another for alice`);
		}
		assert.ok(kept.length > 10, kept.join());
	});
});
