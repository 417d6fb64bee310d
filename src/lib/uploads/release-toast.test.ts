import '../../../tests/compile-runes.ts';
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { ReleaseInTab as Release } from './release-in-tab.svelte.ts';
import { releaseToast } from './release-toast.ts';
import type { UploadState } from './upload.ts';
import type { UploadInTab as Upload } from './upload-in-tab.svelte.ts';

const { ReleaseInTab } = await import('./release-in-tab.svelte.ts');
const { UploadInTab } = await import('./upload-in-tab.svelte.ts');

describe('the one toast of a release', () => {
	let uploads: Upload[];
	let release: Release;

	const file = (name: string, position: number) => {
		const source = { file: new File(['x'.repeat(1_000)], name), path: name };
		return new UploadInTab(name, 'r', { source, position });
	};
	const state = (upload: Upload, more: Partial<UploadState>) => {
		const version = (upload.server?.version ?? 0) + 1;
		upload.noteState({ upload_id: upload.key, title: null, version, ...more } as UploadState);
	};
	const arrive = (more: Partial<UploadState>, ...which: Upload[]) => {
		for (const upload of which) {
			upload.noteSentAll();
			state(upload, more);
		}
	};
	const parked = { status: 'waiting', error_code: 'draft' } as const;

	beforeEach(() => {
		uploads = [file('a.wav', 1), file('b.wav', 2)];
		release = new ReleaseInTab('r', () => uploads);
		release.albumTitle = 'low water';
	});

	it('counts the bytes of all files together, and keeps its words still meanwhile', () => {
		const [first] = uploads;
		first?.noteSent(500, 1_000, 0);
		assert.deepEqual(releaseToast(release), {
			kind: 'info',
			message: 'sending low water',
			detail: '0 of 2 files · 500 bytes of 2.0 kB',
			progress: 0.25,
			durationMs: 0
		});
	});

	it('says that the line is broken, and that nobody has to do anything', () => {
		uploads[0]?.noteInterrupted();
		assert.match(releaseToast(release)?.message ?? '', /connection lost. it goes on by itself/);
	});

	it('says until when the server asks to wait, and why', () => {
		uploads[0]?.notePaused(new Date(2025, 0, 1, 14, 5).getTime(), '60 files an hour fit');
		const { message, kind } = releaseToast(release) ?? {};
		assert.equal(message, 'low water goes on by itself at 14:05: 60 files an hour fit');
		assert.equal(kind, 'info');
	});

	it('asks to publish once everything is there, not before', () => {
		const [first, second] = uploads;
		assert.ok(first && second);
		arrive(parked, first);
		arrive({ status: 'processing', stage: 'received' }, second);
		assert.equal(releaseToast(release), null);
		state(second, parked);
		assert.equal(releaseToast(release)?.message, 'low water is ready to be published');
	});

	it('names the stage of the server, then the end, and what was left out before is no failure', () => {
		const [first, second] = uploads;
		assert.ok(first && second);
		arrive({ status: 'failed', error: 'this is text' }, second);
		arrive(parked, first);
		release.notePublished();
		state(first, { status: 'processing', stage: 'stored' });
		assert.equal(releaseToast(release)?.message, 'publishing low water');
		assert.equal(releaseToast(release)?.detail, 'writing your record');
		state(first, { status: 'completed', stage: 'indexed', track_id: 3 });
		assert.deepEqual(releaseToast(release), {
			kind: 'success',
			message: 'low water is published',
			link: { href: '/track/3', label: 'open the track' },
			durationMs: 8_000
		});
	});

	const published = (...unnamed: string[][]) => {
		arrive(parked, ...uploads);
		release.notePublished();
		for (const [at, upload] of uploads.entries()) {
			const done = { status: 'completed', stage: 'indexed', track_id: at + 3 } as const;
			state(upload, { ...done, unnamed_features: unnamed[at] ?? [] });
		}
		return releaseToast(release);
	};

	it('names the people nobody was found under, says what to do, and stays', () => {
		assert.deepEqual(published(['a.test'], []), {
			kind: 'warning',
			message:
				'low water is published without naming @a.test, who could not be found. edit the track to add them',
			link: { href: '/track/3/edit', label: 'edit the track' },
			durationMs: 0
		});
	});

	it('names each of them once, of however many tracks', () => {
		const { message, link } = published(['a.test'], ['b.test', 'a.test']) ?? {};
		assert.match(message ?? '', /@a\.test and @b\.test, .*edit the tracks to add them$/);
		assert.equal(link?.label, 'see your uploads');
	});

	it('says how many of an album came through when one failed on the way', () => {
		const [first, second] = uploads;
		assert.ok(first && second);
		arrive(parked, first, second);
		release.notePublished();
		state(first, { status: 'completed', track_id: 3 });
		state(second, { status: 'failed', error: 'your server refused the record' });
		const { kind, message, durationMs } = releaseToast(release) ?? {};
		assert.equal(kind, 'warning');
		assert.equal(message, 'low water: 1 of 2 are published');
		assert.equal(durationMs, 0, 'it stays until it is read');
	});

	it('sends to the sign-in when that is what a file waits for', () => {
		const [first, second] = uploads;
		assert.ok(first && second);
		arrive(parked, first, second);
		release.notePublished();
		const message = 'sign in to finish';
		for (const upload of uploads) {
			state(upload, { status: 'waiting', error_code: 'sign_in_again', message });
		}
		assert.equal(releaseToast(release)?.kind, 'warning');
		assert.equal(releaseToast(release)?.message, 'low water: sign in to finish');
	});
});
