import { defineConfig } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const unusedUnderscore = { argsIgnorePattern: '^_', varsIgnorePattern: '^_' };

export default defineConfig(
	{
		ignores: [
			'.dependency-cruiser.js',
			'build/',
			'.svelte-kit/',
			'.data/',
			'node_modules/',
			'src/lib/server/atproto/lexicons/'
		]
	},
	...tseslint.configs.strictTypeChecked,
	...svelte.configs.recommended,
	{
		languageOptions: {
			globals: { ...globals.node, ...globals.browser },
			parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] }
		},
		rules: {
			// a button of a form that says nothing sends it
			'svelte/button-has-type': 'error',
			'@typescript-eslint/no-unused-vars': ['error', unusedUnderscore],
			'@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
			// a class with only static members, or an empty extension point of SvelteKit's types, is fine
			'@typescript-eslint/no-empty-object-type': 'off',
			'@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
			'no-restricted-syntax': [
				'error',
				{
					selector: 'ExportDefaultDeclaration',
					message: 'exports are named, so that a thing has one name everywhere'
				},
				{
					selector: 'ExportAllDeclaration',
					message: 'no barrels: import from the file that has it'
				}
			],
			eqeqeq: ['error', 'always'],
			curly: ['error', 'multi-line']
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: tseslint.parser, svelteConfig } }
	},
	{
		files: ['src/**/*.ts', 'src/**/*.svelte'],
		rules: { 'no-console': 'error' }
	},
	{
		// node:test returns promises nobody has to await at the top of a file
		files: ['**/*.test.ts', '**/contract/*.ts'],
		rules: {
			'@typescript-eslint/no-floating-promises': [
				'error',
				{
					allowForKnownSafeCalls: [
						{ from: 'package', package: 'node:test', name: ['it', 'describe', 'test', 'suite'] }
					]
				}
			]
		}
	},
	{
		files: ['*.config.js', '*.config.ts', 'dev/reporter.ts'],
		rules: { 'no-restricted-syntax': 'off' }
	}
);
