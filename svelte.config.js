import adapter from '@sveltejs/adapter-node';

/** @type {import('@sveltejs/kit').Config} */
const config = {
	kit: {
		adapter: adapter({ out: 'build' }),
		// the check of forms' origin is ours, and covers every mutation: src/lib/server/http/origin-check.ts
		csrf: { trustedOrigins: ['*'] },
		csp: {
			mode: 'nonce',
			directives: {
				'default-src': ['self'],
				'script-src': ['self'],
				'script-src-attr': ['none'],
				// no script may write markup into a page, or make a script of a text, but for the two ways that
				// are there: svelte's own templates, and the start of the service worker
				'require-trusted-types-for': ['script'],
				'trusted-types': ['svelte-trusted-html', 'sveltekit-trusted-url'],
				'worker-src': ['self'],
				'frame-src': ['none'],
				'style-src': ['self'],
				// the one style attribute there is: SvelteKit's region that announces navigations
				'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
				'img-src': ['self', 'data:', 'blob:', 'https:'],
				'media-src': ['self', 'blob:', 'https:'],
				// the player asks for ranges of audio, which we may redirect to where the storage serves it
				'connect-src': ['self', 'https:'],
				'font-src': ['self'],
				'object-src': ['none'],
				'base-uri': ['none'],
				'form-action': ['self', 'https:', 'http://localhost:*'],
				'frame-ancestors': ['none'],
				'manifest-src': ['self']
			}
		},
		typescript: {
			config(tsconfig) {
				const { include, exclude } = /** @type {Record<'include' | 'exclude', string[]>} */ (
					tsconfig
				);
				include.push('../dev/**/*.ts', '../dev/**/*.mjs', '../tests/**/*.ts', '../deploy/*.ts');
				include.push('../migrations/**/*.ts', '../transcoder/src/**/*.ts', '../*.js');
				// the service worker says what it uses of its scope itself
				const withWorker = exclude.filter((pattern) => !pattern.includes('service-worker'));
				return { ...tsconfig, exclude: withWorker };
			}
		}
	}
};

export default config;
