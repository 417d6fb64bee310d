import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** What is typed, or seen, as a page shows it. */
export interface Block {
	/** behind the three marks: sh, text, cron */
	kind: string;
	text: string;
}

/** The blocks of a page by the heading they stand under. */
export function readBlocks(file: string): Map<string, Block[]> {
	const sections = new Map<string, Block[]>();
	let blocks: Block[] = [];
	const parts = readFileSync(file, 'utf8').matchAll(/^## ([^\n]+)$|^```(\w*)\n(.*?)\n```$/gms);
	for (const [, heading, kind = '', text = ''] of parts) {
		if (heading === undefined) blocks.push({ kind, text });
		else sections.set(heading, (blocks = []));
	}
	return sections;
}

/** Whether what was said has every line that a page shows, in its order; `…` is anything. */
export function assertSeen(said: string, shown: string): void {
	const lines = said.split('\n');
	let at = 0;
	for (const line of shown.split('\n')) {
		const pattern = line.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
		const expression = new RegExp(`^${pattern.join('.*')}$`);
		const found = lines.findIndex((one, index) => index >= at && expression.test(one));
		assert.ok(found >= 0, `the page shows "${line}", and what was said is:\n${said}`);
		at = found + 1;
	}
}
