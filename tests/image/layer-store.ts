import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** A stack of layers, the lowest first: names of folders in a store. */
export type Layers = readonly string[];

/** Only root may put file systems on each other and become somebody else in them, and not in every container. */
export const canBuildImages = (): boolean =>
	process.getuid?.() === 0 &&
	spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status === 0;

/** The name of what some words make of a stack. */
export const layerName = (below: Layers, ...words: string[]): string =>
	createHash('sha256')
		.update([below.at(-1) ?? '', ...words].join('\0'))
		.digest('hex')
		.slice(0, 12);

/** Folders that are put on each other as one file system, as container engines do it. */
export class LayerStore {
	readonly dir: string;
	readonly #used = new Set<string>();

	constructor(dir: string) {
		this.dir = path.resolve(dir);
		mkdirSync(this.dir, { recursive: true });
	}

	/**
	 * Puts one more layer onto a stack, unless it is there from an earlier run.
	 * @param fill gets the folder in which the whole file system stands, and changes it
	 */
	add(below: Layers, name: string, fill: (root: string) => void): Layers {
		this.#used.add(name);
		if (!existsSync(path.join(this.dir, name))) {
			const draft = mkdtempSync(path.join(this.dir, 'making-'));
			const upper = path.join(draft, 'upper');
			mkdirSync(upper);
			try {
				if (below.length === 0) fill(upper);
				else this.#mounted(draft, below, fill);
				renameSync(upper, path.join(this.dir, name));
			} finally {
				rmSync(draft, { recursive: true, force: true });
			}
		}
		return [...below, name];
	}

	/** Looks into a stack as one folder. */
	look<T>(layers: Layers, action: (root: string) => T): T {
		const root = mkdtempSync(path.join(this.dir, 'view-'));
		this.#mount(`lowerdir=${lowerOf(layers)}`, root);
		try {
			return action(root);
		} finally {
			this.run('umount', [root]);
			rmSync(root, { recursive: true });
		}
	}

	/** Removes what no `add` of this run has named. */
	removeUnused(): void {
		for (const name of readdirSync(this.dir)) {
			if (this.#used.has(name)) continue;
			rmSync(path.join(this.dir, name), { recursive: true, force: true });
		}
	}

	/** Runs a program where layers are called by their names. @throws Error with what it said */
	run(command: string, args: string[]): void {
		const { status, stderr, stdout, error } = spawnSync(command, args, {
			cwd: this.dir,
			encoding: 'utf8',
			maxBuffer: 256 * 1024 * 1024
		});
		if (status === 0) return;
		const said = error?.message ?? `${stdout.slice(-4000)}\n${stderr.slice(-4000)}`;
		throw new Error(`${command} ${args.join(' ').slice(0, 2000)} failed: ${said}`);
	}

	#mounted(draft: string, below: Layers, fill: (root: string) => void): void {
		const [root, work] = [path.join(draft, 'root'), path.join(draft, 'work')];
		mkdirSync(root);
		mkdirSync(work);
		const upper = path.join(draft, 'upper');
		this.#mount(`lowerdir=${lowerOf(below)},upperdir=${upper},workdir=${work}`, root);
		try {
			fill(root);
		} finally {
			this.run('umount', [root]);
		}
	}

	#mount(options: string, root: string): void {
		this.run('mount', ['-t', 'overlay', 'overlay', '-o', options, root]);
	}
}

/** As `lowerdir` wants them, the highest first; by name only, as the kernel takes 4096 characters. */
export const lowerOf = (layers: Layers): string => layers.toReversed().join(':');
