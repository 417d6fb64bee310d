/**
 * Lets plain Node load `*.svelte.ts`: import this first, then the module with `await import(…)`.
 * Components need a browser; classes with runes do not.
 */
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compileModule } from 'svelte/compiler';

registerHooks({
	load(url, context, nextLoad) {
		if (!url.endsWith('.svelte.ts')) return nextLoad(url, context);
		const filename = fileURLToPath(url);
		const javascript = stripTypeScriptTypes(readFileSync(filename, 'utf8'));
		const { js } = compileModule(javascript, { filename, generate: 'client' });
		return { format: 'module', source: js.code, shortCircuit: true };
	}
});
