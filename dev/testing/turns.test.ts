import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Kind, TestFile } from './test-files.ts';
import { type Machine, Turns } from './turns.ts';

const busy: Machine = { idleShare: 0, freeBytes: 8e9, nowMs: 0 };
const filesOf = (...kinds: Kind[]): TestFile[] =>
	kinds.map((kind, index) => ({ path: `${kind} ${index}`, kind }));
const times = (count: number, kind: Kind) => filesOf(...Array.from({ length: count }, () => kind));

/** All that begin on such a machine, one after the other. */
function begin(turns: Turns, machine: Machine = busy): TestFile[] {
	const begun: TestFile[] = [];
	for (let file = turns.next(machine); file; file = turns.next(machine)) begun.push(file);
	return begun;
}

describe('whose turn it is among the test files', () => {
	it('has some of them run always, and one more when one has ended', () => {
		const turns = new Turns(times(10, 'unit'), 2);
		const [first] = begin(turns);
		assert.equal(begin(turns).length, 0);
		assert.ok(first);
		turns.ended(first);
		assert.equal(begin(turns).length, 1);
	});

	it('has one more after the other while processors are idle, and memory is there', () => {
		const turns = new Turns(times(30, 'unit'), 2);
		assert.equal(begin(turns).length, 4);
		assert.equal(begin(turns, { ...busy, idleShare: 0.5 }).length, 0, 'nothing shows yet');
		const later = { ...busy, idleShare: 0.5, nowMs: 2_000 };
		assert.equal(begin(turns, { ...later, freeBytes: 1e9 }).length, 0);
		assert.equal(begin(turns, later).length, 1);
		let all = 5;
		for (let nowMs = 4_000; nowMs < 60_000; nowMs += 2_000) {
			all += begin(turns, { ...later, nowMs }).length;
		}
		assert.equal(all, 8);
	});

	it('waits with what needs the system, and passes it over until that is there', () => {
		const turns = new Turns(filesOf('browser', 'system', 'unit'), 2);
		assert.deepEqual(
			begin(turns).map(({ kind }) => kind),
			['unit']
		);
		turns.isSystemReady = true;
		assert.deepEqual(
			begin(turns).map(({ kind }) => kind),
			['browser', 'system']
		);
		assert.equal(turns.isLeft, false);
	});

	it('has few browsers at a time', () => {
		const turns = new Turns([...times(5, 'browser'), ...times(5, 'system')], 2);
		turns.isSystemReady = true;
		assert.deepEqual(
			begin(turns).map(({ kind }) => kind),
			['browser', 'browser', 'browser', 'system']
		);
	});

	it('leaves the machine to what is heard, when all else is over', () => {
		const turns = new Turns(filesOf('sound', 'system', 'sound'), 2);
		turns.isSystemReady = true;
		const [system, ...others] = begin(turns);
		assert.deepEqual([system?.kind, others], ['system', []]);
		assert.ok(system);
		turns.ended(system);
		const [one, ...more] = begin(turns);
		assert.deepEqual([one?.kind, more], ['sound', []]);
		assert.ok(one);
		turns.ended(one);
		assert.equal(begin(turns)[0]?.kind, 'sound');
	});
});
