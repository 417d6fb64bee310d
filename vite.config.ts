import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

export default defineConfig(({ command }) => ({
	plugins: [sveltekit()],
	build: { target: 'es2022' },
	// packages are built in: read as a thousand files of their own they are half of a start. sharp is
	// compiled code. while developing they stay as they are: many are no modules
	ssr: command === 'build' ? { noExternal: true, external: ['sharp'] } : {},
	server: { fs: { strict: true } }
}));
