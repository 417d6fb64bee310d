import '../../../tests/compile-runes.ts';
import { useMemoryStorage } from '../../../tests/memory-storage.ts';
import assert from 'node:assert/strict';
import { beforeEach, describe, it, mock } from 'node:test';
import { RefusedError } from '#lib/refusal.ts';
import type { Autosave as AutosaveClass } from './autosave.svelte.ts';
import { KeptDraft } from './kept-draft.ts';
import { fieldsOf } from './release-change.ts';
import type { ReleaseChange, ReleaseState } from './release.ts';

const { Autosave } = await import('./autosave.svelte.ts');

const server = { fields: {}, tracks: [] } as unknown as ReleaseState;

const settle = async () => {
	for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe('saving a draft while it is typed', () => {
	let sent: ReleaseChange[];
	let answer: () => Promise<ReleaseState>;
	let autosave: AutosaveClass;
	let kept: KeptDraft;

	beforeEach(() => {
		mock.timers.reset();
		mock.timers.enable({ apis: ['setTimeout'] });
		useMemoryStorage();
		kept = new KeptDraft('did:plc:a', 'r', () => server);
		sent = [];
		answer = () => Promise.resolve({} as ReleaseState);
		autosave = new Autosave(
			(change) => {
				sent.push(change);
				return answer();
			},
			() => undefined,
			kept
		);
	});

	it('waits for a pause, and sends what was typed as one change', async () => {
		autosave.add({ fields: { album_title: 'lo' } });
		mock.timers.tick(500);
		autosave.add({ fields: { album_title: 'low water' }, rights_confirmed: true });
		autosave.add({ tracks: [{ upload_id: 'a', fields: { title: 'tide' } }] });
		autosave.add({ tracks: [{ upload_id: 'a', position: 2 }] });
		assert.equal(autosave.state, 'unsaved');
		mock.timers.tick(700);
		await settle();
		assert.deepEqual(sent, [
			{
				rights_confirmed: true,
				fields: { album_title: 'low water' },
				tracks: [{ upload_id: 'a', position: 2, fields: { title: 'tide' } }]
			}
		]);
		assert.equal(autosave.state, 'saved');
	});

	it('keeps what could not be saved, and sends it again with what was typed since', async () => {
		answer = () => Promise.reject(new TypeError('no line'));
		autosave.add({ fields: { year: 2024 } });
		mock.timers.tick(700);
		await settle();
		assert.equal(autosave.state, 'failed');
		assert.equal(autosave.problem, 'the server does not answer');
		answer = () => Promise.resolve({} as ReleaseState);
		autosave.add({ fields: { description: 'one take' } });
		mock.timers.tick(700);
		await settle();
		assert.deepEqual(sent.at(-1), { fields: { year: 2024, description: 'one take' } });
		assert.equal(autosave.state, 'saved');
		assert.equal(autosave.problem, null);
	});

	it('tries again by itself when nobody answered', async () => {
		answer = () => Promise.reject(new TypeError('no line'));
		autosave.add({ fields: { year: 2024 } });
		mock.timers.tick(700);
		await settle();
		answer = () => Promise.resolve({} as ReleaseState);
		mock.timers.tick(2_000);
		await settle();
		assert.equal(sent.length, 2);
		assert.equal(autosave.state, 'saved');
	});

	it('says why a change was refused, and does not send the same again by itself', async () => {
		answer = () => Promise.reject(new RefusedError(422, 'tide: the title is too long', null));
		autosave.add({ fields: { year: 2024 } });
		mock.timers.tick(700);
		await settle();
		mock.timers.tick(100_000);
		await settle();
		assert.equal(sent.length, 1);
		assert.equal(autosave.problem, 'tide: the title is too long');
	});

	it('does not say saved while something newer waits', async () => {
		const first = Promise.withResolvers<ReleaseState>();
		answer = () => first.promise;
		autosave.add({ fields: { year: 2024 } });
		mock.timers.tick(700);
		await settle();
		autosave.add({ fields: { year: 2025 } });
		const second = Promise.withResolvers<ReleaseState>();
		answer = () => second.promise;
		assert.deepEqual(sent, [{ fields: { year: 2024 } }], 'one request at a time');
		first.resolve({} as ReleaseState);
		await settle();
		assert.equal(autosave.state, 'saving');
		assert.deepEqual(sent.at(-1), { fields: { year: 2025 } });
		second.resolve({} as ReleaseState);
		assert.equal(await autosave.flush(), true);
		assert.equal(autosave.state, 'saved');
	});

	it('is done only when nothing is on its way any more, whoever has sent it', async () => {
		const first = Promise.withResolvers<ReleaseState>();
		const second = Promise.withResolvers<ReleaseState>();
		answer = () => first.promise;
		autosave.add({ fields: { year: 2024 } });
		mock.timers.tick(700);
		await settle();
		let isDone = false;
		const flushed = autosave.flush().then((isSaved) => {
			isDone = true;
			return isSaved;
		});
		// the first one goes on with what was typed meanwhile
		answer = () => second.promise;
		autosave.add({ fields: { image_id: 'a' } });
		first.resolve({} as ReleaseState);
		await settle();
		assert.equal(sent.length, 2);
		assert.equal(isDone, false, 'what is published next would be published without it');
		second.resolve({} as ReleaseState);
		assert.equal(await flushed, true);
	});

	it('has nothing to say about a file that was taken out', async () => {
		autosave.add({ tracks: [{ upload_id: 'a', position: 1 }] });
		autosave.forgetTrack('a');
		mock.timers.tick(700);
		await settle();
		assert.deepEqual(sent, []);
		assert.equal(autosave.state, 'saved');
	});

	describe('when a field does not fit', () => {
		const TOO_LONG = 'kanji.mp3: the title is too long: at most 256 bytes';
		const refuseLongTitle = () => {
			const title = fieldsOf(sent.at(-1) ?? {}).get('title:a');
			return typeof title === 'string' && title.length > 80
				? Promise.reject(new RefusedError(422, TOO_LONG, 'invalid_field', null, 'title:a'))
				: Promise.resolve({} as ReleaseState);
		};
		const typeAndWait = async (change: ReleaseChange) => {
			autosave.add(change);
			mock.timers.tick(700);
			await settle();
		};

		beforeEach(() => (answer = refuseLongTitle));

		it('saves all the others, and says which one and why', async () => {
			await typeAndWait({
				fields: { year: 2024 },
				tracks: [{ upload_id: 'a', fields: { title: '漢'.repeat(90), is_explicit: true } }]
			});
			assert.deepEqual(sent.at(-1), {
				fields: { year: 2024 },
				tracks: [{ upload_id: 'a', fields: { is_explicit: true } }]
			});
			assert.equal(autosave.state, 'refused');
			assert.deepEqual(autosave.refusals, { 'title:a': TOO_LONG });
			await typeAndWait({ fields: { description: 'one take' } });
			assert.deepEqual(sent.at(-1), { fields: { description: 'one take' } });
			assert.equal(autosave.state, 'refused', 'it is not said to be saved');
			assert.equal(await autosave.flush(), false, 'nobody publishes without it unawares');
		});

		it('saves it when it was corrected', async () => {
			await typeAndWait({ tracks: [{ upload_id: 'a', fields: { title: '漢'.repeat(90) } }] });
			await typeAndWait({ tracks: [{ upload_id: 'a', fields: { title: '漢' } }] });
			assert.deepEqual(sent.at(-1), { tracks: [{ upload_id: 'a', fields: { title: '漢' } }] });
			assert.equal(autosave.state, 'saved');
			assert.deepEqual(autosave.refusals, {});
		});

		it('keeps it in the browser, with whatever else is not saved', async () => {
			const title = '漢'.repeat(90);
			await typeAndWait({
				fields: { year: 2024 },
				tracks: [{ upload_id: 'a', fields: { title } }]
			});
			answer = () => Promise.reject(new TypeError('no line'));
			await typeAndWait({ fields: { description: 'one take' } });
			assert.deepEqual(new KeptDraft('did:plc:a', 'r', () => server).change, {
				fields: { description: 'one take' },
				tracks: [{ upload_id: 'a', fields: { title } }]
			});
		});
	});

	it('keeps nothing of what was saved as the page went away', async () => {
		autosave.add({ fields: { description: 'one take' } });
		autosave.sendLast();
		await settle();
		assert.deepEqual(kept.change, {});
		assert.equal(autosave.state, 'saved');
		mock.timers.tick(2_000);
		await settle();
		assert.equal(sent.length, 1, 'a page that is shown again sends it no second time');
	});

	it('leaves what a later page has typed over to that page', async () => {
		answer = () => Promise.reject(new TypeError('no line'));
		autosave.add({ fields: { year: 2024, description: 'one take' } });
		autosave.leave();
		await settle();
		new KeptDraft('did:plc:a', 'r', () => server).keep({ fields: { year: 2025 } });
		answer = () => Promise.resolve({} as ReleaseState);
		mock.timers.tick(2_000);
		await settle();
		assert.deepEqual(sent.at(-1), { fields: { description: 'one take' } });
	});
});
