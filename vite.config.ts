import { sveltekit } from '@sveltejs/kit/vite';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { leaveOutUnused } from './dev/leave-out-unused.ts';

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
/** Pages of a track, an artist, an album. */
const MUSIC_PAGES =
	/\/\(listen\)\/(?:track\/\[id\]|u\/\[handle\](?:\/album\/\[slug\])?)\/\+page\.svelte$/;
/** Pages of artists at work. */
const WORK_PAGES = /\/\(member\)\/(?:upload|track|u|portal\/.+)\/.*\+page\.svelte$/;

/**
 * Scripts for what many pages need: all of them, those with music, and artists' as well as those. In
 * thirty scripts of their own, the same was a sixth larger when compressed, and a browser asked thirty
 * times.
 */
class SharedScripts {
	ofAll = new Set<string>();
	ofMusic = new Set<string>();
	ofMusicAndWork = new Set<string>();

	/** Looks what is shared; which modules there are is known before any is put into a script. */
	find(graph: ModuleGraph) {
		const ids = [...graph.getModuleIds()];
		const pages = ids.filter((id) => EVERY_PAGE.test(id));
		this.ofAll = union(pages.map((id) => importedBy(graph, id))).difference(new Set(pages));
		const [one, two, three] = ids
			.filter((id) => MUSIC_PAGES.test(id))
			.map((id) => importedBy(graph, id));
		if (!one || !two || !three) throw new Error('where are the pages with music?');
		const often = [one.intersection(two), two.intersection(three), three.intersection(one)];
		this.ofMusic = union(often).difference(this.ofAll);
		const atWork = ids.filter((id) => WORK_PAGES.test(id)).map((id) => importedBy(graph, id));
		this.ofMusicAndWork = this.ofMusic.intersection(union(atWork));
	}
}

interface ModuleGraph {
	getModuleIds(): Iterable<string>;
	getModuleInfo(id: string): { importedIds: readonly string[] } | null;
}

const union = (sets: Set<string>[]) => new Set(sets.flatMap((set) => [...set]));

/** A module, and all that is loaded with it. */
function importedBy(graph: ModuleGraph, root: string): Set<string> {
	const found = new Set<string>();
	const visit = (id: string) => {
		if (found.has(id)) return;
		found.add(id);
		graph.getModuleInfo(id)?.importedIds.forEach(visit);
	};
	visit(root);
	return found;
}

const shared = new SharedScripts();

const findShared: Plugin = {
	name: 'find-shared-modules',
	applyToEnvironment: ({ config }) => config.consumer === 'client',
	buildEnd(error) {
		if (!error) shared.find(this);
	}
};

/**
 * SvelteKit asks this file which scripts a page begins with, and leaves out those that something lazy
 * needs too: browsers would find them one after the other. What is lazy is no business of a first visit.
 */
const leaveOutLazy: Plugin = {
	name: 'leave-out-lazy',
	applyToEnvironment: ({ config }) => config.consumer === 'client',
	buildEnd(error) {
		if (error) return;
		for (const id of this.getModuleIds()) {
			if (!ISLAND.test(id)) continue;
			for (const part of this.getModuleInfo(id)?.dynamicallyImportedIds ?? []) islands.add(part);
		}
	},
	writeBundle({ dir = '' }, bundle) {
		const name = '.vite/manifest.json';
		if (!(name in bundle)) return;
		const file = path.join(dir, name);
		const chunks = JSON.parse(readFileSync(file, 'utf8')) as Record<string, ManifestChunk>;
		const isShown = (name: string) => {
			const chunk = bundle[chunks[name]?.file ?? ''];
			if (chunk?.type !== 'chunk') return false;
			// of one that other pages begin with there is only a reference here
			const ids = [chunk.facadeModuleId ?? '', ...chunk.moduleIds];
			return ids.some((id) => islands.has(id));
		};
		const withoutLazy = Object.entries(chunks).map(([id, { dynamicImports, ...chunk }]) => {
			const shown = (dynamicImports ?? []).filter(isShown);
			const css = union([chunk, ...shown].map((part) => stylesOf(chunks, part)));
			return [id, css.size > 0 ? { ...chunk, css: [...css] } : chunk];
		});
		writeFileSync(file, JSON.stringify(Object.fromEntries(withoutLazy), null, '\t'));
	}
};

/** What a page shows before it has the script for it (src/lib/ui/island.ts): it has the styles at once. */
const ISLAND = /-island\.ts$/;
const islands = new Set<string>();

interface ManifestChunk {
	file: string;
	css?: string[];
	imports?: string[];
	dynamicImports?: string[];
}

/** Of a chunk; of an island, named as the manifest does, with all it imports. */
function stylesOf(
	chunks: Record<string, ManifestChunk>,
	part: string | ManifestChunk
): Set<string> {
	if (typeof part !== 'string') return new Set(part.css);
	const found = new Set<string>();
	const seen = new Set<string>();
	const visit = (name: string) => {
		const chunk = chunks[name];
		if (!chunk || seen.has(name)) return;
		seen.add(name);
		chunk.css?.forEach((file) => found.add(file));
		chunk.imports?.forEach(visit);
	};
	visit(part);
	return found;
}

export default defineConfig(({ command }) => ({
	plugins: [sveltekit(), leaveOutUnused, compileWhole, findShared, leaveOutLazy],
	build: { target: 'es2022' },
	environments: {
		client: {
			build: {
				rolldownOptions: {
					output: {
						codeSplitting: {
							groups: [
								{ name: 'site', test: (id: string) => shared.ofAll.has(id), priority: 3 },
								{
									name: 'common',
									test: (id: string) => shared.ofMusicAndWork.has(id),
									priority: 2
								},
								{ name: 'music', test: (id: string) => shared.ofMusic.has(id), priority: 1 }
							]
						}
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
