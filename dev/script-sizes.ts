/**
 * How much JavaScript each page loads when it is the first one somebody opens, and what is loaded only
 * when it is used. Ends with an error when the home page or a player in other pages loads more than it may.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { embedScript } from '#lib/server/embed/embed-player.ts';
import { runTask } from './lifetime.ts';
import { say } from './say.ts';
import { ensureBuilt } from './sources.ts';

/** With gzip, all scripts of a first visit to the home page. */
const HOME_MAX_BYTES = 70_000;
const HOME = '/(listen)';
/** With gzip, the script of a player within another page. */
const EMBED_MAX_BYTES = 20_000;
const LARGEST_SHOWN = 12;

const OUTPUT = '.svelte-kit/output';
const GENERATED = '.svelte-kit/generated/client-optimized';

interface Chunk {
	file: string;
	src?: string;
	imports?: string[];
	dynamicImports?: string[];
}

interface ServerManifest {
	_: {
		routes: {
			id: string;
			page: {
				layouts: (number | undefined)[];
				errors: (number | undefined)[];
				leaf: number;
			} | null;
		}[];
	};
}

const sizes = new Map<string, number>();

/** Bytes of a chunk as it travels. */
function sizeOf({ file }: Chunk): number {
	const known = sizes.get(file);
	if (known !== undefined) return known;
	const bytes = gzipSync(readFileSync(path.join(OUTPUT, 'client', file))).length;
	sizes.set(file, bytes);
	return bytes;
}

const sum = (chunks: Iterable<Chunk>) => [...chunks].reduce((all, chunk) => all + sizeOf(chunk), 0);
const inKilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1).padStart(6)} kB`;

/** The chunks and all they import. */
function withImports(chunks: Record<string, Chunk>, names: readonly string[]): Set<Chunk> {
	const found = new Set<Chunk>();
	const visit = (name: string) => {
		const chunk = chunks[name];
		if (!chunk || found.has(chunk)) return;
		found.add(chunk);
		chunk.imports?.forEach(visit);
	};
	names.forEach(visit);
	return found;
}

async function reportSizes(): Promise<number> {
	const chunks = JSON.parse(
		readFileSync(path.join(OUTPUT, 'client/.vite/manifest.json'), 'utf8')
	) as Record<string, Chunk>;
	const server = pathToFileURL(path.resolve(OUTPUT, 'server/manifest-full.js')).href;
	const { manifest } = (await import(server)) as { manifest: ServerManifest };
	const entries = Object.keys(chunks).filter((name) =>
		/client-optimized\/app\.js$|\/entry\.js$/.test(name)
	);
	const pages = manifest._.routes.flatMap(({ id, page }) => {
		if (!page) return [];
		const nodes = [...page.layouts, ...page.errors, page.leaf].filter((node) => node !== undefined);
		const names = nodes.map((node) => `${GENERATED}/nodes/${node}.js`);
		return [{ id, chunks: withImports(chunks, [...entries, ...names]) }];
	});
	say('scripts of a first visit, with gzip:');
	const bySize = pages.map(({ id, chunks: own }) => ({ id, bytes: sum(own) }));
	for (const { id, bytes } of bySize.toSorted((a, b) => b.bytes - a.bytes)) {
		say(`${inKilobytes(bytes)}  ${id}`);
	}
	const firstLoaded = new Set(pages.flatMap(({ chunks: own }) => [...own]));
	const later = Object.values(chunks).filter(
		(chunk) => chunk.file.endsWith('.js') && !firstLoaded.has(chunk)
	);
	say('\nloaded when they are used:');
	for (const chunk of later.toSorted((a, b) => sizeOf(b) - sizeOf(a)).slice(0, LARGEST_SHOWN)) {
		say(`${inKilobytes(sizeOf(chunk))}  ${chunk.src ?? chunk.file}`);
	}
	const home = bySize.find(({ id }) => id === HOME);
	if (!home) {
		say(`\nthere is no page ${HOME}`);
		return 1;
	}
	const isSmall = home.bytes <= HOME_MAX_BYTES;
	const verdict = isSmall ? 'within' : 'above';
	say(
		`\nhome: ${inKilobytes(home.bytes).trim()}, ${verdict} its budget of ${HOME_MAX_BYTES / 1000} kB`
	);
	const embedBytes = gzipSync(embedScript).length;
	const isEmbedSmall = embedBytes <= EMBED_MAX_BYTES;
	say(
		`player in other pages: ${inKilobytes(embedBytes).trim()}, ${isEmbedSmall ? 'within' : 'above'} its budget of ${EMBED_MAX_BYTES / 1000} kB`
	);
	return isSmall && isEmbedSmall ? 0 : 1;
}

await runTask(async (lifetime) => {
	await ensureBuilt(lifetime);
	return await reportSizes();
});
