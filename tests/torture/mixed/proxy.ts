import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { runNginx } from '../../bench/nginx.ts';
import { startCaddy } from './caddy.ts';
import { startHaproxy } from './haproxy.ts';

/** Where nginx listens, and for whom it stands. */
export interface ProxyPorts {
	/** of those with pages */
	web: readonly [number, number];
	transcoders: readonly [number, number];
	/** what people know: both with pages in turn */
	site: number;
	/** both with pages as well, but always this one while it is there */
	pinned: readonly [number, number];
	/** both transcoders in turn */
	transcoder: number;
}

export const PROXIES = ['nginx', 'caddy', 'haproxy'] as const;
export type ProxyKind = (typeof PROXIES)[number];

/**
 * Starts what stands before those with pages as docs/reverse-proxy.md has it for two, and nginx before
 * the transcoders. @returns how to stop it
 */
export async function startProxy(
	kind: ProxyKind,
	ports: ProxyPorts,
	dir: string
): Promise<() => Promise<void>> {
	const [one, other] = ports.web;
	const url = `http://127.0.0.1:${ports.transcoder}/health`;
	if (kind !== 'nginx') {
		const nginx = await runNginx(transcoders(ports), dir, url);
		const start = kind === 'caddy' ? startCaddy : startHaproxy;
		const stop = await start(
			[
				{ port: ports.site, servers: [one, other], isPinned: false },
				{ port: ports.pinned[0], servers: [one, other], isPinned: true },
				{ port: ports.pinned[1], servers: [other, one], isPinned: true }
			],
			dir
		);
		return async () => {
			await stop();
			await nginx.stop();
		};
	}
	const servers = [
		site('both', ports.site, inTurn(one, other)),
		site('first', ports.pinned[0], preferred(one, other)),
		site('second', ports.pinned[1], preferred(other, one)),
		transcoders(ports)
	];
	const nginx = await runNginx(servers.join('\n'), dir, url);
	return () => nginx.stop();
}

const inTurn = (one: number, other: number) => [
	`server 127.0.0.1:${one} max_fails=0;`,
	`server 127.0.0.1:${other} max_fails=0;`
];

/** The other is asked when the one is not there, or dies at it. */
export const preferred = (one: number, other: number) => [
	`server 127.0.0.1:${one} max_fails=0;`,
	`server 127.0.0.1:${other} max_fails=0 backup;`
];

/** deploy/nginx.conf, with several servers and without a certificate. */
export function site(name: string, port: number, servers: string[]): string {
	const [upstream = '', , secure = ''] = readFileSync('deploy/nginx.conf', 'utf8')
		.split(/^(?=(?:upstream|server) )/m)
		.slice(1);
	const changes: [string | RegExp, string][] = [
		[/upstream plyr/, `upstream ${name}`],
		['server 127.0.0.1:3000;', servers.join('\n\t')],
		['listen 443 ssl http2;', `listen 127.0.0.1:${port};`],
		[/^\t(?:listen \[::\]|ssl_).*$/gm, ''],
		[/proxy_pass http:\/\/plyr;/g, `proxy_pass http://${name};`]
	];
	return changes.reduce((conf, [from, to]) => {
		const changed = conf.replace(from, to);
		assert.notEqual(changed, conf, String(from));
		return changed;
	}, upstream + secure);
}

const transcoders = ({ transcoders: [one, other], transcoder }: ProxyPorts) => `
	upstream transcoders {
		server 127.0.0.1:${one} max_fails=0;
		server 127.0.0.1:${other} max_fails=0;
	}
	server {
		listen 127.0.0.1:${transcoder};
		client_max_body_size 0;
		proxy_request_buffering off;
		proxy_buffering off;
		proxy_read_timeout 300s;
		location / {
			proxy_pass http://transcoders;
			proxy_http_version 1.1;
		}
	}
`;
