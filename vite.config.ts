import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig, type Plugin } from 'vite';

/**
 * A browser that knows this comment compiles a whole script beside the page, while it arrives. Otherwise
 * each function is compiled when it is called first: that was a third of the time that a first press on
 * play takes until the audio is asked for.
 */
const COMPILE_WHOLE = '//# allFunctionsCalledOnLoad';
/** The comment itself is not worth it in the smallest scripts. */
const WORTH_IT_CHARACTERS = 2_000;

const compileWhole: Plugin = {
	name: 'compile-whole',
	applyToEnvironment: ({ config }) => config.consumer === 'client',
	generateBundle: {
		// it has to stand before everything else, also before what is written there last
		order: 'post',
		handler(_, bundle) {
			for (const chunk of Object.values(bundle)) {
				if (chunk.type !== 'chunk' || chunk.code.length < WORTH_IT_CHARACTERS) continue;
				chunk.code = `${COMPILE_WHOLE}\n${chunk.code}`;
			}
		}
	}
};

export default defineConfig(({ command }) => ({
	plugins: [sveltekit(), compileWhole],
	build: { target: 'es2022' },
	// packages are built in: read as a thousand files of their own they are half of a start. sharp is
	// compiled code. while developing they stay as they are: many are no modules
	ssr: command === 'build' ? { noExternal: true, external: ['sharp'] } : {},
	server: { fs: { strict: true } }
}));
