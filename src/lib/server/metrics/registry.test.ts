import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exposition } from './exposition.ts';
import { Registry } from './registry.ts';

const textOf = async (registry: Registry) => exposition(await registry.collect());

describe('the numbers of a process', () => {
	it('are written as prometheus reads them', async () => {
		const registry = new Registry();
		const failures = registry.counter('failures_total', 'what failed.', ['reason']);
		failures.add(1, 'too "large"\nand\\odd');
		failures.add(2, 'plain');
		registry.gauge('waiting', 'who waits.', () => 3);
		const took = registry.histogram('took_seconds', 'how long.', ['route'], [0.1, 1]);
		for (const seconds of [0.1, 0.5, 7]) took.observe(seconds, '/');
		assert.equal(
			await textOf(registry),
			`# HELP failures_total what failed.
# TYPE failures_total counter
failures_total{reason="too \\"large\\"\\nand\\\\odd"} 1
failures_total{reason="plain"} 2
# HELP took_seconds how long.
# TYPE took_seconds histogram
took_seconds_bucket{route="/",le="0.1"} 1
took_seconds_bucket{route="/",le="1"} 2
took_seconds_bucket{route="/",le="+Inf"} 3
took_seconds_sum{route="/"} 7.6
took_seconds_count{route="/"} 3
# HELP waiting who waits.
# TYPE waiting gauge
waiting 3
`
		);
	});

	it('are 0 before anything was counted, so that an alert can tell it from a process that is away', async () => {
		const registry = new Registry();
		registry.counter('a_total', 'a.');
		registry.histogram('b_seconds', 'b.', [], [1]);
		const text = await textOf(registry);
		assert.match(text, /^a_total 0$/m);
		assert.match(text, /^b_seconds_count 0$/m);
	});

	it('stay few, whatever somebody sends', async () => {
		const registry = new Registry();
		const counter = registry.counter('a_total', 'a.', ['path', 'method']);
		for (let i = 0; i < 5_000; i++) counter.add(1, `/${i}`, 'GET');
		const [family] = await registry.collect();
		assert.ok(family?.type === 'counter');
		assert.ok(family.points.length <= 1_001, `${family.points.length} of them`);
		const others = family.points.find(({ labels }) => labels.join() === 'other,other');
		assert.equal(others?.value, 4_000);
	});

	it('are told without the one that cannot be read, and that is said', async () => {
		const failed: string[] = [];
		const registry = new Registry((name) => failed.push(name));
		registry.gauge('broken', 'of a database that is away.', () =>
			Promise.reject(new Error('away'))
		);
		registry.gauge('whole', 'of this process.', () => 1);
		const text = await textOf(registry);
		assert.doesNotMatch(text, /broken/);
		assert.match(text, /^whole 1$/m);
		assert.deepEqual(failed, ['broken']);
	});

	it('are told in time without the one that does not come, such as of a database that says nothing', async () => {
		const failed: string[] = [];
		const registry = new Registry((name) => failed.push(name));
		registry.gauge(
			'silent',
			'of a database that says nothing.',
			() => new Promise(() => undefined)
		);
		registry.gauge('whole', 'of this process.', () => 1);
		const startedAt = performance.now();
		assert.match(await textOf(registry), /^whole 1$/m);
		assert.ok(performance.now() - startedAt < 4_000);
		assert.deepEqual(failed, ['silent']);
	});

	it('are refused under a name that is taken, and with a label too few', () => {
		const registry = new Registry();
		const counter = registry.counter('a_total', 'a.', ['reason']);
		assert.throws(() => registry.counter('a_total', 'another.'), /two metrics/);
		assert.throws(() => counter.add(1), /labels/);
	});
});
