import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

export default defineConfig({
	plugins: [sveltekit()],
	build: { target: 'es2022' },
	// packages are built in: read as a thousand files of their own they are half of a start. sharp is
	// compiled code
	ssr: { noExternal: true, external: ['sharp'] },
	server: { fs: { strict: true } }
});
