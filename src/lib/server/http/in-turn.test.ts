import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Handle, RequestEvent, ResolveOptions } from '@sveltejs/kit';
import { inTurn } from './in-turn.ts';

type Resolve = Parameters<Handle>[0]['resolve'];

describe('handles in turn', () => {
	const event = {} as RequestEvent;
	const answerWith =
		(said: string[], given: (ResolveOptions | undefined)[] = []): Resolve =>
		(_event, options) => {
			said.push('page');
			given.push(options);
			return new Response('page');
		};
	const around =
		(said: string[], name: string): Handle =>
		async ({ event: same, resolve }) => {
			said.push(`before ${name}`);
			const response = await resolve(same);
			said.push(`after ${name}`);
			return response;
		};

	it('is each around those behind it', async () => {
		const said: string[] = [];
		const handle = inTurn(around(said, 'a'), around(said, 'b'), around(said, 'c'));
		const response = await handle({ event, resolve: answerWith(said) });
		assert.equal(await response.text(), 'page');
		assert.deepEqual(said.join(', ').split(', page, '), [
			'before a, before b, before c',
			'after c, after b, after a'
		]);
	});

	it('goes no further than one that answers by itself', async () => {
		const said: string[] = [];
		const stops: Handle = () => new Response('no', { status: 429 });
		const handle = inTurn(around(said, 'a'), stops, around(said, 'c'));
		const { status } = await handle({ event, resolve: answerWith(said) });
		assert.equal(status, 429);
		assert.deepEqual(said, ['before a', 'after a']);
	});

	it('hands the options of one to the page, wherever it stands', async () => {
		const options: ResolveOptions = { preload: () => false };
		const gives: Handle = ({ event: same, resolve }) => resolve(same, options);
		for (const place of [0, 1, 2]) {
			const given: (ResolveOptions | undefined)[] = [];
			const handles = [around([], 'a'), around([], 'b'), around([], 'c')].with(place, gives);
			await inTurn(...handles)({ event, resolve: answerWith([], given) });
			assert.deepEqual(given, [options]);
		}
	});

	it('hands on the same event, and what goes wrong', async () => {
		const fails: Handle = ({ event: same }) => {
			assert.equal(same, event);
			throw new Error('broken');
		};
		const handle = inTurn(around([], 'a'), fails);
		await assert.rejects(
			async () => await handle({ event, resolve: answerWith([]) }),
			/^Error: broken$/
		);
	});

	it('is the page itself where there are none', async () => {
		const response = await inTurn()({ event, resolve: answerWith([]) });
		assert.equal(await response.text(), 'page');
	});
});
