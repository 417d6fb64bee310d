import '../../../tests/compile-runes.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UploadState } from './upload.ts';

const { UploadInTab } = await import('./upload-in-tab.svelte.ts');

const sent = () => {
	const file = new File(['x'.repeat(1000)], 'slow tide.wav');
	return new UploadInTab('k', 'r', { source: { file, path: file.name }, position: 1 });
};

const state = (version: number, more: Partial<UploadState>): UploadState => ({
	upload_id: 'u',
	status: 'processing',
	stage: 'received',
	phase: 'upload',
	message: 'checking your file',
	track_id: null,
	error: null,
	error_code: null,
	server_progress_pct: null,
	file_name: 'slow tide.wav',
	title: 'slow tide',
	received_bytes: 1000,
	size_bytes: 1000,
	release_id: 'r',
	release_position: 1,
	replaces_track_id: null,
	unnamed_features: [],
	path: null,
	modified_ms: null,
	version,
	created_at: '2025-11-19T00:00:00.000Z',
	completed_at: null,
	...more
});

describe('an upload as the tab shows it', () => {
	it('says how far the bytes are, and how long they still take once that can be said', () => {
		const upload = sent();
		assert.match(upload.message, /waits for its turn/);
		upload.noteSent(0, 10_000_000, 0);
		upload.noteSent(2_000_000, 10_000_000, 2_000);
		assert.equal(upload.message, 'sending');
		assert.equal(upload.detail, '2.0 MB of 10.0 MB · about 10 seconds left');
		assert.equal(upload.progress, 0.2);
	});

	it('believes the newest state, in whatever order they arrive', () => {
		const upload = sent();
		upload.noteSentAll();
		upload.noteState(state(5, { message: 'storing' }));
		upload.noteState(state(4, { message: 'checking' }));
		assert.equal(upload.message, 'storing');
	});

	it('ends at once when the end was told before the last byte was answered', () => {
		const upload = sent();
		upload.noteSent(1000, 1000, 0);
		upload.noteState(state(9, { status: 'completed', track_id: 3 }));
		assert.equal(upload.isOver, false);
		upload.noteSentAll();
		assert.equal(upload.isOver, true);
		assert.equal(upload.error, null);
	});

	it('gives the reason of a failure, and of nothing else', () => {
		const upload = sent();
		upload.noteInterrupted();
		assert.equal(upload.error, null);
		assert.match(upload.message, /goes on by itself/);
		upload.notePaused(0, 'you have uploaded 60 files this hour');
		assert.equal(upload.error, null);
		assert.match(upload.message, /60 files this hour/);
		upload.noteSentAll();
		upload.noteState(state(2, { status: 'waiting', message: 'sign in again' }));
		assert.equal(upload.isHalted, true);
		assert.equal(upload.error, null);
		upload.noteState(state(3, { status: 'failed', error: 'this is text' }));
		assert.equal(upload.error, 'this is text');
		upload.noteState(state(4, { status: 'processing' }));
		assert.equal(upload.error, 'this is text', 'what is over is over');
	});

	it('is ready, and not stuck, while it waits for its release to be published', () => {
		const upload = sent();
		upload.noteSentAll();
		upload.noteState(state(2, { status: 'waiting', error_code: 'draft' }));
		assert.equal(upload.isReady, true);
		assert.equal(upload.isOver, false);
	});

	it('goes on by itself while it waits for the other files of its release', () => {
		const upload = sent();
		upload.noteSentAll();
		upload.noteState(state(2, { status: 'waiting', error_code: 'unsettled' }));
		assert.equal(upload.isHalted, false);
		assert.equal(upload.isReady, false, 'nobody has to do anything for it');
		assert.equal(upload.isOver, false);
	});
});
