import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { readConfig } from '#lib/server/config.ts';
import type { Context } from '#lib/server/context.ts';
import { createMetrics } from './metrics.ts';
import { addPoolNumbers, addProcessNumbers, addReplicaNumbers } from './process-numbers.ts';
import { addSharedNumbers } from './shared-numbers.ts';

const RULES = 'docs/alerts/plyr.rules.yml';

/** Every number there is, as the application adds them; none of them is read. */
function everyNumber() {
	const metrics = createMetrics();
	const stop = addProcessNumbers(metrics.registry);
	addPoolNumbers(metrics.registry, {});
	addReplicaNumbers(metrics.registry, () => undefined);
	addSharedNumbers({ config: readConfig({}), metrics } as unknown as Context);
	return { names: metrics.registry.names, stop };
}

describe('the numbers a process tells', () => {
	const { names, stop } = everyNumber();
	after(stop);

	it('are those of docs/monitoring.md, each once', () => {
		const docs = readFileSync('docs/monitoring.md', 'utf8');
		const described = [...docs.matchAll(/^\| `((?:plyr|process|nodejs)_\w+)`/gm)].map((m) => m[1]);
		assert.deepEqual(described.sort(), [...names].sort());
	});

	it('are all that the example alerts ask for', () => {
		const rules = readFileSync(RULES, 'utf8').replace(/^\s*(?:#|summary|description).*$/gm, '');
		const asked = [...rules.matchAll(/\b(?:plyr|process|nodejs)_\w+/g)].map(([name]) => name);
		assert.ok(asked.length > 20, 'no rule was read');
		const known = new Set(names.flatMap((name) => [name, `${name}_bucket`, `${name}_count`]));
		assert.deepEqual(
			asked.filter((name) => !known.has(name)),
			[]
		);
	});
});
