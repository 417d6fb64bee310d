import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import * as like from './lexicons/fm/plyr/like.ts';
import * as track from './lexicons/fm/plyr/track.ts';

const generated = path.resolve('src/lib/server/atproto/lexicons');

const filesIn = (dir: string) =>
	readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

describe('the schemas of our records', () => {
	it('are generated from lexicons/ and nothing else', () => {
		const fresh = mkdtempSync(path.join(tmpdir(), 'plyr-lexicons-'));
		const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
			scripts: { lexicons: string };
		};
		const [, ...args] = scripts.lexicons.split(' ');
		const elsewhere = args.map((arg) => (arg === 'src/lib/server/atproto/lexicons' ? fresh : arg));
		execFileSync('node_modules/.bin/lex', elsewhere, { stdio: 'ignore' });
		assert.deepEqual(filesIn(generated).sort(), filesIn(fresh).sort());
		for (const name of filesIn(fresh)) {
			const [here, there] = [generated, fresh].map((dir) =>
				readFileSync(path.join(dir, name), 'utf8')
			);
			assert.equal(here, there, `${name} differs: npm run lexicons`);
		}
		rmSync(fresh, { recursive: true });
	});

	it('accept a like of a track, and no like of nothing', () => {
		const record = {
			$type: 'fm.plyr.like',
			subject: {
				uri: 'at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/fm.plyr.track/3kabcdefghi2a',
				cid: 'bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a'
			},
			createdAt: '2026-11-22T12:00:00.000Z'
		};
		assert.ok(like.$matches(record));
		assert.equal(like.$matches({ ...record, subject: undefined }), false);
	});

	it('count the bytes of a title, not its letters', () => {
		const record = {
			$type: 'fm.plyr.track',
			artist: 'someone',
			fileType: 'mp3',
			createdAt: '2026-11-22T12:00:00.000Z'
		};
		assert.ok(track.$matches({ ...record, title: 'é'.repeat(128) }));
		assert.equal(track.$matches({ ...record, title: 'é'.repeat(129) }), false);
	});
});
