import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LayerStore } from './layer-store.ts';

/** What a running system has, for as long as the command runs; of the network its names only. */
const PREPARE = `
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
mount -t tmpfs tmpfs "$0/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"
[ -e "$0/etc/resolv.conf" ] || touch "$0/etc/resolv.conf"
mount --bind /etc/resolv.conf "$0/etc/resolv.conf"
ca=/etc/ssl/certs/ca-certificates.crt
# the registries of this machine may be behind a proxy whose certificate only this machine knows
[ ! -s "$0$ca" ] || mount --bind "$ca" "$0$ca"
exec chroot --userspec="$1" "$0" /usr/bin/env -i "NODE_EXTRA_CA_CERTS=$ca" "\${@:3}" /bin/sh -c "$2"
`;

/** Carries out a RUN. @throws Error with what the command said when it fails */
export function runInRoot(
	store: LayerStore,
	root: string,
	command: string,
	{ env, user, workDir }: { env: Record<string, string>; user: string; workDir: string }
): void {
	const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
	const script = `cd '${workDir}' && { ${command}; }`;
	const space = ['--mount', '--pid', '--fork', '--kill-child', '/bin/bash', '-ec'];
	store.run('unshare', [...space, PREPARE, root, idsOf(root, user), script, ...pairs]);
}

/** `uid:gid` of somebody in a root. */
export function idsOf(root: string, user: string): string {
	const passwd = readFileSync(path.join(root, 'etc/passwd'), 'utf8');
	const [, uid, gid] = new RegExp(`^${user}:[^:]*:(\\d+):(\\d+):`, 'm').exec(passwd) ?? [];
	if (uid === undefined || gid === undefined) throw new Error(`there is no user ${user}`);
	return `${uid}:${gid}`;
}
