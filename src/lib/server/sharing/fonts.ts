import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { unwrapWoff } from './unwrap-woff.ts';

/** What text is drawn in; a name of ours, which the configuration below resolves. */
export const CARD_FONT = 'plyr card';

/** The voice of the house, and one that has every character there is, as a last resort. */
const FILES = [
	'@fontsource/dejavu-mono/files/dejavu-mono-latin-400-normal.woff',
	'@fontsource/dejavu-mono/files/dejavu-mono-latin-700-normal.woff',
	'@fontsource/unifontex/files/unifontex-latin-400-normal.woff'
];

/** Fonts of the machine come before the last resort, where it has some: they know their scripts better. */
const PREFERRED = [
	'DejaVu Sans Mono',
	'DejaVu Sans',
	'Noto Sans Mono CJK JP',
	'Noto Sans CJK JP',
	'Noto Color Emoji'
];
const LAST_RESORT = 'UnifontExMono';

let ready: Promise<void> | undefined;

/**
 * Makes the fonts for drawn text known to what draws it: a server often has none. Done once per
 * process, before anything is drawn.
 * @param dir a folder of ours, filled at the first time
 */
export function useFonts(dir: string): Promise<void> {
	ready ??= prepareFonts(path.resolve(dir)).catch((cause: unknown) => {
		ready = undefined;
		throw cause;
	});
	return ready;
}

async function prepareFonts(dir: string): Promise<void> {
	await mkdir(dir, { recursive: true });
	const { resolve } = createRequire(path.resolve('package.json'));
	for (const file of FILES) {
		const font = path.join(dir, path.basename(file).replace(/woff$/, 'ttf'));
		const isThere = await access(font).then(
			() => true,
			() => false
		);
		if (!isThere) await writeWhole(font, unwrapWoff(await readFile(resolve(file))));
	}
	const configuration = path.join(dir, 'fonts.conf');
	await writeWhole(configuration, fontConfiguration(dir));
	// read by fontconfig at the first text that is drawn in this process
	process.env['FONTCONFIG_FILE'] = configuration;
}

/** Others may start at the same moment: what they see is always whole. */
async function writeWhole(file: string, content: string | Buffer): Promise<void> {
	const unfinished = `${file}.${process.pid}`;
	await writeFile(unfinished, content);
	await rename(unfinished, file);
}

const families = (names: readonly string[]) =>
	names.map((name) => `<family>${name}</family>`).join('');

const xmlText = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const fontConfiguration = (dir: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
	<dir>${xmlText(dir)}</dir>
	<dir>/usr/share/fonts</dir>
	<dir>/usr/local/share/fonts</dir>
	<cachedir>${xmlText(path.join(dir, 'cache'))}</cachedir>
	<alias binding="strong">
		<family>${CARD_FONT}</family>
		<prefer>${families(PREFERRED)}</prefer>
		<default>${families([LAST_RESORT])}</default>
	</alias>
</fontconfig>
`;
