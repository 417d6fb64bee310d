import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright';

const SOURCE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const RULES: RunOptions = {
	runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
	resultTypes: ['violations']
};

interface WithAxe {
	axe: { run: (within: Document, options: RunOptions) => Promise<AxeResults> };
}

/** What is looked for; colors are somebody's own where they have chosen them for everything. */
const SCOPES = {
	everything: RULES,
	colors: { ...RULES, runOnly: { type: 'rule', values: ['color-contrast'] } },
	'all but colors': { ...RULES, rules: { 'color-contrast': { enabled: false } } }
} satisfies Record<string, RunOptions>;

/** Nothing axe knows is wrong with the page as it is now; the sentence of each violation otherwise. */
export async function assertAccessible(
	page: Page,
	scope: keyof typeof SCOPES = 'everything'
): Promise<void> {
	// it stays as long as the document
	if (!(await page.evaluate(() => 'axe' in globalThis))) {
		await page.evaluate(await readFile(SOURCE, 'utf8'));
	}
	const { violations } = await page.evaluate(
		(options) => (globalThis as unknown as WithAxe).axe.run(document, options),
		SCOPES[scope]
	);
	const sentences = violations.map(
		({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html }) => `\t${html}`).join('\n')}`
	);
	assert.deepEqual(sentences, [], page.url());
}
