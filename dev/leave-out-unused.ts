import type { Plugin } from 'vite';

/** From where to where something is cut out of a module; what it is cut before stays. */
type Cut = readonly [from: string, to: string];

/** Kinds of values that nothing we load has; who adds one is told "unknown type" by their browser. */
const UNUSED_KINDS: readonly Cut[] = [
	["\t\t\t\t\tcase 'RegExp':", "\t\t\t\t\tcase 'BigInt':"],
	["\t\t\t\t\tcase 'Int8Array':", '\t\t\t\t\tdefault:\n'],
	// arrays that are mostly holes
	['\t\t\t} else if (value[0] === SPARSE)', '\t\t\t} else {\n\t\t\t\tconst array = ops.createArray']
];
const OF_UNUSED_KINDS: readonly Cut[] = [
	['const array_buffer_byte_length', '/**\n * The default implementations of every construction'],
	['\tfromStringValue:', '\tcreateArray:'],
	['\tcreateSparseArray:', '\tcreateObject:']
];

/** What is left out of which module, by the end of its address. */
const MODULES: Record<string, (code: string) => string> = {
	// SvelteKit takes all of svelte as one thing, and every page all that is in it
	'/kit/src/runtime/client/client.js': (code) => {
		const used = ['onMount', 'settled', 'tick', 'untrack'];
		const named = used.map((name) => `${name} as ${name}OfSvelte`).join();
		const object = used.map((name) => `${name}: ${name}OfSvelte`).join();
		return replaced(
			code,
			"import * as svelte from 'svelte';",
			`import { ${named} } from 'svelte'; const svelte = { ${object} };`
		);
	},
	// no component here is a custom element, and a class stays in every build
	'/svelte/src/internal/client/dom/elements/custom-element.js': () =>
		'export const create_custom_element = undefined;',
	// we ask whether there is a line, and what else changes with the window stays in every build
	'/svelte/src/reactivity/window/index.js': (code) =>
		replaced(code, '= new ReactiveValue(', '= /* @__PURE__ */ new ReactiveValue('),
	'/devalue/src/parse.js': (code) =>
		replaced(
			cut(code, UNUSED_KINDS),
			'merge_operations(default_parse_operations, options?.operations)',
			'default_parse_operations'
		),
	'/devalue/src/operations.js': (code) => cut(code, OF_UNUSED_KINDS)
};

/** Leaves out of browsers' scripts what is never called; more than a kilobyte of every page. */
export const leaveOutUnused: Plugin = {
	name: 'leave-out-unused',
	applyToEnvironment: ({ config }) => config.consumer === 'client' && config.command === 'build',
	transform: {
		filter: { id: Object.keys(MODULES).map((end) => `**${end}`) },
		handler(code, id) {
			const [, change] = Object.entries(MODULES).find(([end]) => id.endsWith(end)) ?? [];
			return change?.(code);
		}
	}
};

function replaced(code: string, old: string, by: string): string {
	if (!code.includes(old)) throw new Error(`where is ${old}`);
	return code.replaceAll(old, by);
}

function cut(code: string, cuts: readonly Cut[]): string {
	return cuts.reduce((left, [from, to]) => {
		const start = left.indexOf(from);
		const end = left.indexOf(to, start);
		if (start < 0 || end < 0) throw new Error(`where is ${from}`);
		return left.slice(0, start) + left.slice(end);
	}, code);
}
