import { runTask } from './lifetime.ts';
import { runLocalSite } from './local-site.ts';

// npm run dev: like npm start, with the sources served by vite, which reloads what changes.

await runTask((lifetime) =>
	runLocalSite(lifetime, {
		prepare: () => Promise.resolve(),
		args: (port) => [
			'node_modules/vite/bin/vite.js',
			'dev',
			...['--host', '127.0.0.1', '--port', String(port), '--strictPort', '--clearScreen', 'false']
		],
		env: { NODE_ENV: 'development' },
		showsText: true
	})
);
