import { readFileSync, writeSync } from 'node:fs';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import { MESSAGES_DESCRIPTOR, type TestMessage } from './testing/test-messages.ts';

// Runs inside the process of each test file (node --test-reporter) and hands on what happens.

function say(message: TestMessage): void {
	// who reads lines takes these for the end of one
	const line = JSON.stringify(message)
		.replaceAll('\u2028', '\\u2028')
		.replaceAll('\u2029', '\\u2029');
	writeSync(MESSAGES_DESCRIPTOR, `${line}\n`);
}

/** Frames of node itself say nothing about what went wrong. */
const withoutInternals = (text: string): string =>
	text
		.split('\n')
		.filter((line) => !/^\s+at .*\(?node:/.test(line))
		.join('\n');

function reasonOf(error: Error): string {
	const { cause } = error;
	if (cause instanceof Error) {
		const deeper = cause.cause === undefined ? '' : `\ncause: ${inspect(cause.cause)}`;
		return withoutInternals((cause.stack ?? cause.message) + deeper);
	}
	return cause === undefined ? error.message : inspect(cause);
}

class Reporter {
	readonly #names: string[] = [];

	take({ type, data }: TestEvent): void {
		if (type === 'test:dequeue') say({ event: 'begun' });
		else if (type === 'test:complete') say({ event: 'ended' });
		else if (type === 'test:start') this.#names.splice(data.nesting, Infinity, data.name);
		else if (type === 'test:pass') this.#passed(data);
		else if (type === 'test:fail') this.#failed(data);
		// such as an error thrown after its test had ended
		else if (type === 'test:diagnostic' && data.message.startsWith('Error:')) {
			writeSync(2, data.message + '\n');
		}
	}

	#passed({ skip, details }: Extract<TestEvent, { type: 'test:pass' }>['data']): void {
		if (details.type === 'suite' && skip === undefined) return;
		say({ event: skip === undefined ? 'passed' : 'skipped' });
	}

	#failed({ nesting, name, details }: Extract<TestEvent, { type: 'test:fail' }>['data']): void {
		const { error } = details;
		// its parts have been counted
		if ('failureType' in error && error.failureType === 'subtestsFailed') return;
		const path = [...this.#names.slice(0, nesting), name].join(' › ');
		say({ event: 'failed', name: path, reason: reasonOf(error) });
	}
}

/** What the kernel counts the time of processes in. */
const TICKS_PER_SECOND = 100;
/** Of /proc/self/stat, behind the name: what children that were waited for have used, user and system. */
const CHILDREN_TICKS = [13, 14];

/** What this process and all it has waited for have used of a processor. */
function processorSeconds(): number {
	const { user, system } = process.cpuUsage();
	const facts = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
	const ticks = CHILDREN_TICKS.reduce((sum, place) => sum + Number(facts[place]), 0);
	return (user + system) / 1e6 + ticks / TICKS_PER_SECOND;
}

/** A test must not go on when nobody waits for its result any more. */
function endWithParent(): void {
	process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume();
	if ('unref' in process.stdin) process.stdin.unref();
}

/** Node takes a reporter from the default export. */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
	endWithParent();
	const reporter = new Reporter();
	for await (const event of source) reporter.take(event);
	say({ event: 'finished', processorSeconds: processorSeconds() });
	yield '';
}
