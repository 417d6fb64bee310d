import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync
} from 'node:fs';
import path from 'node:path';
import { buildImage, type Image } from './build-image.ts';
import { LayerStore } from './layer-store.ts';

/**
 * The last stage of the Dockerfile on the system of this machine: a Debian that has ffmpeg, with what was
 * built and installed here. Every instruction but those of apt-get is carried out; all of them, on an empty
 * Debian, are in `npm run test:image`.
 */
export function makeLocalImage(): { image: Image; remove: () => void } {
	const cache = path.resolve('node_modules/.cache');
	mkdirSync(cache, { recursive: true });
	const dir = mkdtempSync(path.join(cache, 'local-image-'));
	const remove = () => rmSync(dir, { recursive: true, force: true });
	try {
		return { image: makeIn(dir), remove };
	} catch (cause) {
		remove();
		throw cause;
	}
}

function makeIn(dir: string): Image {
	const store = new LayerStore(path.join(dir, 'layers'));
	const built = path.join(dir, 'built');
	layBuilt(built);
	return buildImage('Dockerfile', store, {
		base: () => store.add([], 'system', (root) => laySystem(store, root)),
		stage: (name) => (name === 'build' ? built : undefined),
		isDone: (command) => command.includes('apt-get')
	});
}

interface LockedPackage {
	dev?: boolean;
	link?: boolean;
}

/** What the first stage leaves: what was built, and the packages of production. */
function layBuilt(root: string): void {
	const app = path.join(root, 'app');
	const node = `node_modules/node-linux-${process.arch}`;
	cpSync(path.join(node, 'bin/node'), path.join(root, 'usr/local/bin/node'));
	for (const name of ['package.json', 'transcoder', 'migrations', 'src', 'build', 'deploy']) {
		cpSync(name, path.join(app, name), { recursive: true });
	}
	const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
		packages: Record<string, LockedPackage>;
	};
	for (const [place, { dev, link }] of Object.entries(packages)) {
		const isTop = /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(place);
		// what is for another machine is not installed
		if (!isTop || dev === true || link === true || !existsSync(place) || place === node) continue;
		cpSync(place, path.join(app, place), { recursive: true, verbatimSymlinks: true });
	}
}

/** Programs and libraries as further names of the same files, and how this system is set up as a copy. */
function laySystem(store: LayerStore, root: string): void {
	for (const name of ['proc', 'dev', 'sys', 'run', 'tmp', 'usr/lib', 'usr/local/bin', 'var/lib']) {
		mkdirSync(path.join(root, name), { recursive: true });
	}
	const libraries = `usr/lib/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu`;
	for (const name of ['usr/bin', 'usr/sbin', 'usr/lib64', 'usr/lib/locale', libraries]) {
		store.run('sh', ['-c', '[ ! -e "$0" ] || cp -al "$0" "$1"', `/${name}`, path.join(root, name)]);
	}
	for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
		symlinkSync(`usr/${name}`, path.join(root, name));
	}
	store.run('cp', ['-a', '/etc', path.join(root, 'etc')]);
}
