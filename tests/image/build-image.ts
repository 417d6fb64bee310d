import path from 'node:path';
import { mkdirSync } from 'node:fs';
import { copyFromContext, hashOfContext } from './build-context.ts';
import {
	type Instruction,
	readDockerfile,
	readPairs,
	readWords,
	type Stage
} from './dockerfile.ts';
import { layerName, type Layers, type LayerStore } from './layer-store.ts';
import { runInRoot } from './run-in-root.ts';

/** What a Dockerfile makes. */
export interface Image {
	store: LayerStore;
	layers: Layers;
	env: Record<string, string>;
	user: string;
	workDir: string;
	volumes: string[];
	entrypoint: string[];
	/** the command of HEALTHCHECK */
	healthcheck: string[];
	stopSignal: string;
}

/** What stands in for a registry, and for what need not be done anew. */
export interface Substitutes {
	/** the layers of what is written behind FROM */
	base(from: string): Layers;
	/** a folder that has what COPY --from finds in a stage, which is then not built */
	stage?(name: string): string | undefined;
	/** a RUN whose effect the base has already */
	isDone?(command: string): boolean;
	/** told of each instruction */
	say?(line: string): void;
}

/** Carries out every instruction of a Dockerfile, in layers that the store keeps. */
export function buildImage(file: string, store: LayerStore, substitutes: Substitutes): Image {
	const builder = new Builder(store, substitutes);
	for (const stage of readDockerfile(file)) builder.build(stage);
	return builder.last;
}

class Builder {
	readonly #store: LayerStore;
	readonly #substitutes: Substitutes;
	readonly #built = new Map<string, Image>();

	constructor(store: LayerStore, substitutes: Substitutes) {
		this.#store = store;
		this.#substitutes = substitutes;
	}

	get last(): Image {
		const image = [...this.#built.values()].at(-1);
		if (!image) throw new Error('the Dockerfile makes nothing');
		return image;
	}

	build(stage: Stage): void {
		if (this.#substitutes.stage?.(stage.name) !== undefined) return;
		const image: Image = {
			store: this.#store,
			layers: this.#substitutes.base(stage.base),
			env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
			user: 'root',
			workDir: '/',
			volumes: [],
			entrypoint: [],
			healthcheck: [],
			stopSignal: 'SIGTERM'
		};
		for (const instruction of stage.instructions) {
			this.#substitutes.say?.(`${stage.name}: ${instruction.name} ${instruction.text}`);
			this.#carryOut(instruction, image);
		}
		this.#built.set(stage.name, image);
	}

	#carryOut({ name, flags, text }: Instruction, image: Image): void {
		if (name === 'ENV') Object.assign(image.env, readPairs(text));
		else if (name === 'USER') image.user = text;
		else if (name === 'VOLUME') image.volumes.push(text);
		else if (name === 'ENTRYPOINT') image.entrypoint = readWords(text);
		else if (name === 'HEALTHCHECK') image.healthcheck = readWords(text);
		else if (name === 'STOPSIGNAL') image.stopSignal = text;
		else if (name === 'WORKDIR') this.#workDir(image, text);
		else if (name === 'RUN') this.#run(image, text);
		else if (name === 'COPY') this.#copy(image, flags['from'], text.split(/\s+/));
	}

	#workDir(image: Image, text: string): void {
		image.workDir = path.posix.resolve(image.workDir, text);
		this.#add(image, ['WORKDIR', image.workDir], (root) =>
			mkdirSync(path.join(root, image.workDir), { recursive: true })
		);
	}

	#run(image: Image, command: string): void {
		if (this.#substitutes.isDone?.(command) === true) return;
		const around = [JSON.stringify(image.env), image.user, image.workDir];
		this.#add(image, ['RUN', command, ...around], (root) =>
			runInRoot(image.store, root, command, image)
		);
	}

	#copy(image: Image, from: string | undefined, words: string[]): void {
		const sources = words.slice(0, -1);
		const target = words.at(-1) ?? '';
		const stage = from === undefined ? undefined : this.#built.get(from);
		const ready = from === undefined ? undefined : this.#substitutes.stage?.(from);
		const origin = stage?.layers.at(-1) ?? ready ?? hashOfContext(sources);
		this.#add(image, ['COPY', ...words, origin], (root) => {
			for (const source of sources) {
				const isInto = target.endsWith('/') || sources.length > 1;
				const place = path.posix.resolve(image.workDir, target);
				const to = path.join(root, place, isInto ? path.basename(source) : '');
				mkdirSync(path.dirname(to), { recursive: true });
				if (stage) image.store.look(stage.layers, (view) => this.#copyTree(view, source, to));
				else if (ready !== undefined) this.#copyTree(ready, source, to);
				else copyFromContext(source, to);
			}
		});
	}

	#copyTree(root: string, source: string, to: string): void {
		const from = path.join(root, source);
		this.#store.run('cp', ['-a', '--no-preserve=ownership', '--no-target-directory', from, to]);
	}

	#add(image: Image, words: string[], fill: (root: string) => void): void {
		image.layers = image.store.add(image.layers, layerName(image.layers, ...words), fill);
	}
}
