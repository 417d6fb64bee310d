/**
 * How much JavaScript each page loads when it is the first one somebody opens, and what is loaded only
 * when it is used. Ends with an error when a page, or a player in other pages, loads more than it may.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { embedScript } from '#lib/server/embed/embed-player.ts';
import { runTask } from './lifetime.ts';
import { say } from './say.ts';
import { ensureBuilt } from './sources.ts';

/** With gzip, all scripts of a first visit to a page. */
const MAX_BYTES = 70_000;
/** With gzip, all styles of a first visit to a page. */
const STYLES_MAX_BYTES = 20_000;
/** With gzip, the script of a player within another page. */
const EMBED_MAX_BYTES = 20_000;
const LARGEST_SHOWN = 12;

const OUTPUT = '.svelte-kit/output';
const GENERATED = '.svelte-kit/generated/client-optimized';

interface Chunk {
	file: string;
	src?: string;
	css?: string[];
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

/** Bytes of a file as it travels: compressed once, as well as gzip can. */
function bytesOf(file: string): number {
	const known = sizes.get(file);
	if (known !== undefined) return known;
	const level = constants.Z_BEST_COMPRESSION;
	const bytes = gzipSync(readFileSync(path.join(OUTPUT, 'client', file)), { level }).length;
	sizes.set(file, bytes);
	return bytes;
}

const sizeOf = ({ file }: Chunk) => bytesOf(file);

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
	say('scripts and styles of a first visit, with gzip:');
	const bySize = pages.map(({ id, chunks: own }) => ({
		id,
		bytes: sum(own),
		styles: stylesOf(own)
	}));
	for (const { id, bytes, styles } of bySize.toSorted((a, b) => b.bytes - a.bytes)) {
		say(`${inKilobytes(bytes)} ${inKilobytes(styles)}  ${id}`);
	}
	const firstLoaded = new Set(pages.flatMap(({ chunks: own }) => [...own]));
	const later = Object.values(chunks).filter(
		(chunk) => chunk.file.endsWith('.js') && !firstLoaded.has(chunk)
	);
	say('\nloaded when they are used:');
	for (const chunk of later.toSorted((a, b) => sizeOf(b) - sizeOf(a)).slice(0, LARGEST_SHOWN)) {
		say(`${inKilobytes(sizeOf(chunk))}  ${chunk.src ?? chunk.file}`);
	}
	const complaints = bySize.flatMap(({ id, bytes, styles }) => [
		...tooMuch(`the scripts of ${id}`, bytes, MAX_BYTES),
		...tooMuch(`the styles of ${id}`, styles, STYLES_MAX_BYTES)
	]);
	const embedBytes = gzipSync(embedScript).length;
	say(`\nscript of a player in other pages: ${inKilobytes(embedBytes).trim()}`);
	complaints.push(...tooMuch('the script of a player in other pages', embedBytes, EMBED_MAX_BYTES));
	for (const complaint of complaints) say(complaint);
	return complaints.length === 0 ? 0 : 1;
}

const stylesOf = (chunks: Iterable<Chunk>) =>
	[...new Set([...chunks].flatMap(({ css }) => css ?? []))].reduce(
		(all, file) => all + bytesOf(file),
		0
	);

const tooMuch = (what: string, bytes: number, max: number): string[] =>
	bytes <= max ? [] : [`${what}: ${bytes} bytes, more than the ${max} they may have`];

await runTask(async (lifetime) => {
	await ensureBuilt(lifetime);
	return await reportSizes();
});
