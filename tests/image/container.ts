import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Image } from './build-image.ts';
import { layerName, type Layers, lowerOf } from './layer-store.ts';
import type { MemoryGroup } from './memory-group.ts';
import { idsOf } from './run-in-root.ts';

const STOP_LIMIT_MS = 15_000;

/**
 * `docker run --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp --volume …:/data`:
 * a root nobody can write to, processes of its own, the image's user without any right beyond. The
 * network is that of this machine.
 */
const START = `
exec 3<&0
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$0,ro" "$1"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs -o size=64m tmpfs "$1/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
mount --bind "$2" "$1/data"
[ -z "$7" ] || mount --bind "$7" "$1/backup"
if [ -n "$3" ]; then
	mount -t tmpfs tmpfs "$1/sys"
	mkdir -p "$1/$4"
	mount --bind "$3" "$1/$4"
	echo 0 > "$3/cgroup.procs"
fi
exec chroot "$1" /usr/bin/setpriv --reuid "$5" --regid "$6" --clear-groups --no-new-privs \\
	--bounding-set=-all --inh-caps=-all /usr/bin/env -i "\${@:8}"
`;

/** A file of a process; null: it has ended, maybe in between. */
function readWhileThere(file: string): string | null {
	try {
		return readFileSync(file, 'utf8');
	} catch (cause) {
		const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
		if (code === 'ENOENT' || code === 'ESRCH') return null;
		throw cause;
	}
}

export interface ContainerOptions {
	env: Record<string, string>;
	/** instead of what its entrypoint does: words behind it */
	command?: string[];
	/** what is sent to it, as `docker run --interactive` does; nothing without */
	input?: string;
	memory?: MemoryGroup;
	/** kept from one container to the next; a new one without */
	volume?: string;
	/** a second one, at /backup; nothing is there without */
	backup?: string;
}

/** What an engine lays over every image: whom the names of machines stand for. */
function withNames({ layers, store }: Image): Layers {
	return store.add(layers, layerName(layers, 'names'), (root) => {
		writeFileSync(path.join(root, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n');
		copyFileSync('/etc/resolv.conf', path.join(root, 'etc/resolv.conf'));
	});
}

/** A container that runs. */
export class Container {
	readonly volume: string;
	readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
	readonly #image: Image;
	readonly #child: ChildProcess;
	readonly #root: string;
	readonly #env: Record<string, string>;
	#output = '';

	constructor(
		image: Image,
		{ env, command = [], input, memory, volume, backup }: ContainerOptions
	) {
		const { store } = image;
		this.#image = image;
		this.#root = mkdtempSync(path.join(store.dir, 'running-'));
		this.#env = { ...image.env, HOME: '/data', ...env };
		this.volume = volume ?? mkdtempSync(path.join(store.dir, 'volume-'));
		const ids = store.look(image.layers, (root) => idsOf(root, image.user));
		const [uid = '', gid = ''] = ids.split(':');
		// as an engine does with a new volume: it belongs to whom the image's folder belongs
		if (volume === undefined) chownSync(this.volume, Number(uid), Number(gid));
		if (backup !== undefined) chownSync(backup, Number(uid), Number(gid));
		const pairs = Object.entries(this.#env).map(([name, value]) => `${name}=${value}`);
		this.#child = spawn(
			'unshare',
			[
				...['--mount', '--pid', '--ipc', '--fork', '--kill-child', '/bin/bash', '-ec', START],
				...[
					lowerOf(withNames(image)),
					this.#root,
					this.volume,
					memory?.dir ?? '',
					memory?.place ?? ''
				],
				...[uid, gid, backup ?? '', ...pairs],
				...['/bin/sh', '-c', 'cd "$0" && exec "$@"', image.workDir],
				...[...image.entrypoint, ...command]
			],
			{ cwd: store.dir, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] }
		);
		this.#child.stdin?.end(input);
		for (const stream of [this.#child.stdout, this.#child.stderr]) {
			stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
		}
		this.exited = new Promise((resolve) =>
			this.#child.once('exit', (code, signal) => resolve({ code, signal }))
		);
	}

	/** what it has said so far */
	get output(): string {
		return this.#output;
	}

	get isRunning(): boolean {
		return this.#child.exitCode === null && this.#child.signalCode === null;
	}

	/** every process inside, with what it was started as */
	processes(): { pid: number; command: string }[] {
		const all: { pid: number; command: string }[] = [];
		const visit = (pid: number) => {
			const children = readWhileThere(`/proc/${pid}/task/${pid}/children`) ?? '';
			for (const child of children.split(' ').filter(Boolean).map(Number)) {
				const command = readWhileThere(`/proc/${child}/cmdline`);
				if (command === null) continue;
				all.push({ pid: child, command: command.replaceAll('\0', ' ').trim() });
				visit(child);
			}
		};
		visit(this.#child.pid ?? 0);
		return all;
	}

	/** Runs one more program inside, as the same user: `docker exec`. */
	exec(...words: string[]): { code: number | null; output: string } {
		const [first] = this.processes();
		if (!first) throw new Error(`the container is gone: ${this.#output}`);
		const ids = this.#image.store.look(this.#image.layers, (root) => idsOf(root, this.#image.user));
		const [uid = '', gid = ''] = ids.split(':');
		const pairs = Object.entries(this.#env).map(([name, value]) => `${name}=${value}`);
		const { status, stdout, stderr } = spawnSync(
			'nsenter',
			[
				...['--target', String(first.pid), '--mount', '--pid', '--root', '--wd'],
				...['/usr/bin/setpriv', '--reuid', uid, '--regid', gid, '--clear-groups', '--no-new-privs'],
				...['/usr/bin/env', '-i', ...pairs, ...words]
			],
			{ encoding: 'utf8' }
		);
		return { code: status, output: stdout + stderr };
	}

	/** Waits until its HEALTHCHECK is content. @throws Error when it stops first, or the time is over */
	async healthy(limitMs = 60_000): Promise<void> {
		const endsAt = Date.now() + limitMs;
		for (;;) {
			if (!this.isRunning) throw new Error(`the container stopped:\n${this.#output}`);
			// it may be so young that there is nobody in it
			const isInhabited = this.processes().length > 0;
			const asked = isInhabited ? this.exec(...this.#image.healthcheck) : undefined;
			if (asked?.code === 0) return;
			if (Date.now() > endsAt) {
				throw new Error(`not healthy: ${asked?.output ?? 'empty'}\n${this.#output}`);
			}
			await sleep(250);
		}
	}

	/** `docker stop`: asks its first process, waits, kills. @returns how it ended */
	async stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
		const [first] = this.processes();
		if (first && this.isRunning) process.kill(first.pid, this.#image.stopSignal);
		const kill = setTimeout(() => this.#killAll(), STOP_LIMIT_MS);
		const end = await this.exited;
		clearTimeout(kill);
		return end;
	}

	/** Ends all of it at once, as a machine that loses its power does. */
	async kill(): Promise<void> {
		this.#killAll();
		await this.exited;
	}

	/** With the first process all of them end; whoever started it outside is not enough, as it became another user. */
	#killAll(): void {
		const [first] = this.processes();
		if (first) process.kill(first.pid, 'SIGKILL');
		this.#child.kill('SIGKILL');
	}

	/** Ends it, and takes its volume away, unless another had it first. */
	async remove(): Promise<void> {
		await this.stop();
		rmSync(this.#root, { recursive: true, force: true });
		rmSync(this.volume, { recursive: true, force: true });
	}
}
