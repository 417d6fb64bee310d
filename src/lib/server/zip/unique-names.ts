import { safeName } from '#lib/server/safe-name.ts';

/**
 * Paths of files that are to be unpacked anywhere: each part is a name on every system, and no two are
 * the same where capitals are not told apart, or accents are written otherwise.
 */
export class UniqueNames {
	readonly #taken = new Set<string>();

	/**
	 * @param folders as they are called: what is no name becomes one
	 * @param extension without the dot; '' for none
	 */
	path(folders: readonly string[], name: string, extension: string): string {
		const folder = folders.map((part) => `${safeName(part)}/`).join('');
		const end = extension === '' ? '' : `.${extension}`;
		const base = safeName(name);
		for (let n = 1; ; n++) {
			const path = `${folder}${base}${n === 1 ? '' : ` (${n})`}${end}`;
			const same = path.normalize('NFKC').toLowerCase();
			if (this.#taken.has(same)) continue;
			this.#taken.add(same);
			return path;
		}
	}
}
