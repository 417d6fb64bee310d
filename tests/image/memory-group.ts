import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MIB = 1024 * 1024;
const V1 = '/sys/fs/cgroup/memory';
const V2 = '/sys/fs/cgroup';

/** Processes that share so much memory and not a byte more: the kernel kills who asks for it. */
export class MemoryGroup {
	readonly dir: string;
	readonly #isV1 = existsSync(path.join(V1, 'memory.limit_in_bytes'));

	constructor(name: string, limitMib: number) {
		this.dir = path.join(this.#isV1 ? V1 : V2, `plyr-${process.pid}-${name}`);
		mkdirSync(this.dir);
		this.#write(this.#isV1 ? 'memory.limit_in_bytes' : 'memory.max', String(limitMib * MIB));
		// without swap there is none to hide in; where there is some, it is not for them
		if (!this.#isV1 && existsSync(path.join(this.dir, 'memory.swap.max'))) {
			this.#write('memory.swap.max', '0');
		}
	}

	/** whether this machine lets us: root, and control groups that count memory */
	static isPossible(): boolean {
		const v2 = path.join(V2, 'cgroup.controllers');
		const isV2 = existsSync(v2) && readFileSync(v2, 'utf8').includes('memory');
		return process.getuid?.() === 0 && (isV2 || existsSync(path.join(V1, 'memory.limit_in_bytes')));
	}

	/** what programs inside find at /sys/fs/cgroup… of their limit */
	get place(): string {
		return this.#isV1 ? 'sys/fs/cgroup/memory' : 'sys/fs/cgroup';
	}

	/** how many were killed because there was no memory left */
	killed(): number {
		const file = this.#isV1 ? 'memory.oom_control' : 'memory.events';
		return Number(/^oom_kill (\d+)$/m.exec(this.#read(file))?.[1] ?? 0);
	}

	/** what cannot be given back for the asking: all but what is on a disk as well, in MiB */
	heldMib(): number {
		const stat = this.#read('memory.stat');
		const of = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
		if (!this.#isV1) return (of('anon') + of('shmem') + of('slab_unreclaimable')) / MIB;
		const kernel = Number(this.#read('memory.kmem.usage_in_bytes'));
		return (of('total_rss') + of('total_shmem') + kernel) / MIB;
	}

	/** Looks at `heldMib` ten times a second from now on. @returns ends it, and says the most it was, in MiB */
	watch(): () => number {
		let most = this.heldMib();
		const timer = setInterval(() => (most = Math.max(most, this.heldMib())), 100);
		return () => {
			clearInterval(timer);
			return Math.max(most, this.heldMib());
		};
	}

	/**
	 * The most that was used at a time, files that were read included, in MiB, as the kernel counts it: it
	 * keeps as much of them as fits, so this says little more than the limit does.
	 */
	peakMib(): number {
		const file = this.#isV1 ? 'memory.max_usage_in_bytes' : 'memory.peak';
		return Number(this.#read(file)) / MIB;
	}

	/** how often somebody waited for a page of a file that had been thrown out */
	faults(): number {
		const name = this.#isV1 ? 'total_pgmajfault' : 'pgmajfault';
		return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(this.#read('memory.stat'))?.[1] ?? 0);
	}

	async remove(): Promise<void> {
		for (let tries = 0; existsSync(this.dir); tries++) {
			try {
				rmdirSync(this.dir);
			} catch (cause) {
				// its last process is on its way out
				if (tries > 50) throw cause;
				await sleep(100);
			}
		}
	}

	#read(name: string): string {
		return readFileSync(path.join(this.dir, name), 'utf8');
	}

	#write(name: string, text: string): void {
		writeFileSync(path.join(this.dir, name), text);
	}
}

/**
 * Has the kernel forget what it keeps of large files: they are counted anew, for whoever reads them first.
 * (dd's nocache asks for just that.)
 */
export function forgetCached(dir: string): void {
	const script =
		'sync "$0" && find "$0" -type f -size +64k -exec sh -c \'for f; do dd if="$f" iflag=nocache count=0 status=none; done\' sh {} +';
	const { status, stderr } = spawnSync('sh', ['-c', script, dir], { encoding: 'utf8' });
	if (status !== 0) throw new Error(`files were not forgotten: ${stderr}`);
}
