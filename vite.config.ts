import { sveltekit } from '@sveltejs/kit/vite';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/**
 * A browser that knows this comment compiles a whole script beside the page, while it arrives. Otherwise
 * each function is compiled when it is called first: that was a third of the time that a first press on
 * play takes until the audio is asked for.
 */
const COMPILE_WHOLE = '//# allFunctionsCalledOnLoad';
/** The comment itself is not worth it in the smallest scripts. */
const WORTH_IT_CHARACTERS = 2_000;

const compileWhole: Plugin = {
	name: 'compile-whole',
	applyToEnvironment: ({ config }) => config.consumer === 'client',
	generateBundle: {
		// it has to stand before everything else, also before what is written there last
		order: 'post',
		handler(_, bundle) {
			for (const chunk of Object.values(bundle)) {
				if (chunk.type !== 'chunk' || chunk.code.length < WORTH_IT_CHARACTERS) continue;
				chunk.code = `${COMPILE_WHOLE}\n${chunk.code}`;
			}
		}
	}
};

/** What every page begins with: SvelteKit's own start, the layout, the page of an error. */
const EVERY_PAGE = /\/client-optimized\/(?:app|nodes\/[01])\.js$|\/runtime\/client\/entry\.js$/;

interface ModuleGraph {
	getModuleInfo(id: string): { importedIds: readonly string[] } | null;
	getModuleIds?(): Iterable<string>;
}

/**
 * One script for what every page needs. In thirty scripts of their own, the same was a sixth larger when
 * compressed, and a browser asked thirty times.
 */
class SharedScript {
	readonly #modules = new Set<string>();
	#roots: readonly string[] = [];

	/** Remembers which modules every page begins with; they are known before anything is put together. */
	setRoots(graph: ModuleGraph, ids: Iterable<string>) {
		this.#roots = [...ids].filter((id) => EVERY_PAGE.test(id));
		this.#modules.clear();
		const visit = (id: string) => {
			if (this.#modules.has(id)) return;
			this.#modules.add(id);
			graph.getModuleInfo(id)?.importedIds.forEach(visit);
		};
		this.#roots.forEach(visit);
	}

	has(id: string): boolean {
		return this.#modules.has(id) && !this.#roots.includes(id);
	}
}

const shared = new SharedScript();

const knowShared: Plugin = {
	name: 'know-shared-modules',
	applyToEnvironment: ({ config }) => config.consumer === 'client',
	buildEnd() {
		shared.setRoots(this, this.getModuleIds());
	}
};

/**
 * SvelteKit asks this file which scripts a page begins with, and leaves out those that something lazy
 * needs too: browsers would find them one after the other. What is lazy is no business of a first visit.
 */
const leaveOutLazy: Plugin = {
	name: 'leave-out-lazy',
	applyToEnvironment: ({ config }) => config.consumer === 'client',
	writeBundle({ dir = '' }, bundle) {
		const name = '.vite/manifest.json';
		if (!(name in bundle)) return;
		const file = path.join(dir, name);
		const chunks = JSON.parse(readFileSync(file, 'utf8')) as Record<string, ManifestChunk>;
		const withoutLazy = Object.entries(chunks).map(([id, { dynamicImports: _, ...chunk }]) => [
			id,
			chunk
		]);
		writeFileSync(file, JSON.stringify(Object.fromEntries(withoutLazy), null, '\t'));
	}
};

interface ManifestChunk {
	dynamicImports?: string[];
}

export default defineConfig(({ command }) => ({
	plugins: [sveltekit(), compileWhole, knowShared, leaveOutLazy],
	build: { target: 'es2022' },
	environments: {
		client: {
			build: {
				rolldownOptions: {
					output: {
						codeSplitting: { groups: [{ name: 'site', test: (id: string) => shared.has(id) }] }
					}
				}
			}
		}
	},
	// packages are built in: read as a thousand files of their own they are half of a start. sharp is
	// compiled code. while developing they stay as they are: many are no modules
	ssr: command === 'build' ? { noExternal: true, external: ['sharp'] } : {},
	server: { fs: { strict: true } }
}));
