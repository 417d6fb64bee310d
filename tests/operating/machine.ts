import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { JOURNALCTL, SYSTEMCTL } from './stand-ins.ts';

/**
 * This machine without what is done to it: what is written is in memory, and gone with it. Processes are
 * its own; the network is that of this one. The disk for
 * the site can be made smaller.
 */
const START = `
mount --make-rprivate /
mount -t tmpfs tmpfs "$0"
mkdir "$0/upper" "$0/work" "$0/root"
root="$0/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root/backup" "$root/srv/prepared/node_modules" "$root/srv/prepared/build" "$root/srv/plyr.git" \\
	"$root/var/lib/plyr" "$root/run" "$root/etc/systemd/system"
mount --bind "$1" "$root/backup"
mount --bind "$2" "$root/srv/plyr.git"
mount --bind node_modules "$root/srv/prepared/node_modules"
mount --bind build "$root/srv/prepared/build"
mount -t tmpfs -o size=6g tmpfs "$root/var/lib/plyr"
touch "$root/$3"
exec chroot "$root" /bin/sh -c 'while :; do sleep 1; done'
`;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const AS_IT_WAS =
	'[ "$(umask)" = 0022 ] || { echo "files are made with another umask from here on"; exit 98; }';

/** The state of the working tree as a repository that has one commit. */
export function makeRepository(): string {
	const dir = mkdtempSync(path.join(tmpdir(), 'plyr-repository-'));
	const env = { ...process.env, GIT_DIR: dir, GIT_WORK_TREE: process.cwd() };
	const git = (...args: string[]): string => {
		const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
		const { status, stdout, stderr } = spawnSync('git', [...who, ...args], {
			env,
			encoding: 'utf8'
		});
		assert.equal(status, 0, stderr);
		return stdout.trim();
	};
	const init = ['init', '--quiet', '--bare', '--initial-branch=main', dir];
	assert.equal(spawnSync('git', init).status, 0);
	git('add', '--all');
	git('update-ref', 'refs/heads/main', git('commit-tree', git('write-tree'), '-m', 'as it is'));
	return dir;
}

/** A machine of the operator's. */
export class Machine {
	readonly #child: ChildProcess;
	readonly #dir = mkdtempSync(path.join(tmpdir(), 'plyr-machine-'));
	readonly #mark = `.is-${path.basename(this.#dir)}`;
	#pid = 0;

	/**
	 * @param backup what is its `/backup`, also after it
	 * @param repository what stands for the one at github
	 */
	constructor(backup: string, repository: string) {
		const space = [
			'--mount',
			'--pid',
			'--ipc',
			'--fork',
			'--kill-child',
			'/bin/bash',
			'-ec',
			START
		];
		this.#child = spawn('unshare', [...space, this.#dir, backup, repository, this.#mark], {
			stdio: ['ignore', 'inherit', 'inherit']
		});
	}

	async start(): Promise<void> {
		const children = `/proc/${this.#child.pid}/task/${this.#child.pid}/children`;
		while (!this.#isReady()) {
			assert.equal(this.#child.exitCode, null, 'the machine did not start');
			await sleep(50);
			this.#pid = Number(readFileSync(children, 'utf8').trim().split(' ')[0] ?? 0);
		}
		this.write('/usr/local/bin/systemctl', SYSTEMCTL, 0o755);
		this.write('/usr/local/bin/journalctl', JOURNALCTL, 0o755);
		const [from, to] = ['https://github.com/plyr-fm/plyr', 'file:///srv/plyr.git'];
		this.write(
			'/root/.gitconfig',
			`[url "${to}"]\n\tinsteadOf = ${from}\n[safe]\n\tdirectory = *\n`
		);
	}

	/** Whoever looks at its root sees what was laid into it last: before that it is the root of this machine. */
	#isReady(): boolean {
		return this.#pid > 0 && existsSync(path.join(`/proc/${this.#pid}/root`, this.#mark));
	}

	/** Nothing is ever done to the machine this runs on. */
	#assertOwnRoot(): void {
		assert.ok(this.#isReady() && !existsSync(`/${this.#mark}`), 'there is no machine');
	}

	/** A path of its, as this machine reaches it. */
	at(file: string): string {
		return path.join(`/proc/${this.#pid}/root`, file);
	}

	write(file: string, content: string, mode = 0o644): void {
		this.#assertOwnRoot();
		mkdirSync(path.dirname(this.at(file)), { recursive: true });
		writeFileSync(this.at(file), content, { mode });
	}

	/**
	 * Types something as root, as it stands on a page; a command that fails ends it. Whoever types it goes on in
	 * the same shell, so it has to be left as it was.
	 */
	async type(script: string, folder = '/root'): Promise<{ code: number | null; said: string }> {
		this.#assertOwnRoot();
		const space = ['--mount', '--pid', '--ipc', '--root', '--wd'];
		const env = ['/usr/bin/env', '-i', `PATH=${PATH}`, 'HOME=/root', 'TERM=dumb'];
		const shell = [
			'/bin/sh',
			'-ec',
			`umask 022\n[ -e "/${this.#mark}" ] || exit 99\ncd ${folder}\n${script}\n${AS_IT_WAS}`
		];
		const child = spawn('nsenter', ['--target', String(this.#pid), ...space, ...env, ...shell], {
			stdio: ['ignore', 'pipe', 'pipe']
		});
		const exited = once(child, 'exit') as Promise<[number | null]>;
		const said = await Promise.all([text(child.stdout), text(child.stderr)]);
		return { code: (await exited)[0], said: said.join('') };
	}

	/** It is gone, as if its disk had burnt. */
	async lose(): Promise<void> {
		if (this.#pid > 0 && this.#isReady()) process.kill(this.#pid, 'SIGKILL');
		this.#child.kill('SIGKILL');
		if (this.#child.exitCode === null && this.#child.signalCode === null) {
			await once(this.#child, 'exit');
		}
		rmSync(this.#dir, { recursive: true, force: true });
	}
}
