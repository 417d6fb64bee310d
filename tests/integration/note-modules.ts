import { registerHooks } from 'node:module';

// To be imported before anything else (node --import): names each module that is loaded, once.
const seen = new Set<string>();
registerHooks({
	resolve(specifier, context, nextResolve) {
		const resolved = nextResolve(specifier, context);
		if (!seen.has(resolved.url)) process.stderr.write(`module loaded: ${resolved.url}\n`);
		seen.add(resolved.url);
		return resolved;
	}
});
