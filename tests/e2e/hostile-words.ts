import type { Page } from 'playwright';

const RUN = 'globalThis.isHacked=1';

/** Of what somebody may be called: each breaks out of another place. */
export const HOSTILE_LINES = [
	`"><img src=x onerror="${RUN}">`,
	`</title></script><script>${RUN}</script>`,
	`]]>&#x3C;script&#x3E;${RUN}<!--`,
	`javascript:${RUN}//' onfocus='${RUN}' autofocus '`,
	`{{7*7}}\${7*7}<svg onload=${RUN}>`,
	'a\u0007\u001b[31mb\u009f\u2028c\ufffe',
	`\u202egnp.3pm\u2066 \u05d0\u05d1\u05d2 \u202dend`,
	`Z${'\u0301\u0338\u0489'.repeat(36)}`,
	'👩‍👩‍👧‍👦🏳️‍🌈'.repeat(6),
	'﷽'.repeat(60),
	'W'.repeat(256)
] as const;

/** What only a text of several lines can hold. */
export const HOSTILE_TEXT = [
	...HOSTILE_LINES,
	`https://example.org/"onmouseover="${RUN}`,
	`https://example.org/<script>${RUN}</script>`,
	'javascript://example.org/%0aalert(1)',
	'data:text/html,<script>alert(1)</script>',
	'https://name:password@example.org/',
	'w'.repeat(2_000)
].join('\n');

/** What a page has been seen to do. */
export interface Deeds {
	hacked: boolean;
	refused: string[];
}

/** Runs in every page, before anything of it: remembers what its policy refused. */
export function watchPolicy(): void {
	const refused: string[] = [];
	Object.assign(globalThis, { refused });
	document.addEventListener('securitypolicyviolation', (event) => {
		refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
	});
}

/** What is wrong with a page as it is now, though it says what it was told to. */
export async function wrongWith(page: Page): Promise<string[]> {
	return await page.evaluate(() => {
		const state = globalThis as unknown as { isHacked?: unknown; refused?: string[] };
		const found = (state.refused ?? []).map((one) => `the policy refused ${one}`);
		if (state.isHacked !== undefined) found.push('it was executed');
		const { scrollWidth, clientWidth } = document.documentElement;
		if (scrollWidth > clientWidth) {
			const wide = [...document.querySelectorAll('main *')]
				.filter((one) => one.getBoundingClientRect().right > clientWidth)
				.at(0);
			const culprit = wide?.outerHTML.slice(0, 200);
			found.push(`it is ${scrollWidth - clientWidth} px too wide: ${culprit}`);
		}
		for (const one of document.querySelectorAll('*')) {
			const bad = [...one.attributes].find(({ name }) => name.startsWith('on'));
			if (bad) found.push(`a handler: ${one.outerHTML.slice(0, 200)}`);
		}
		for (const one of document.querySelectorAll(
			'img[src="x"], svg[onload], iframe, object, embed'
		)) {
			found.push(`an element of theirs: ${one.outerHTML.slice(0, 200)}`);
		}
		for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href], area[href]')) {
			if (!/^(https?|at|mailto):$/.test(link.protocol)) found.push(`a link to ${link.href}`);
			if (link.username || link.password) found.push(`a link that lies: ${link.href}`);
		}
		for (const one of document.querySelectorAll('script[type="application/ld+json"]')) {
			try {
				JSON.parse(one.textContent);
			} catch (cause) {
				found.push(`no JSON: ${String(cause)}`);
			}
		}
		return [...found, ...turned()];

		/** Words of ours that come after theirs and are shown in another order. */
		function turned(): string[] {
			const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
			const wrong: string[] = [];
			for (let node = texts.nextNode(); node; node = texts.nextNode()) {
				if (!/[\u202a-\u202e\u2066-\u2069]/.test(node.textContent ?? '')) continue;
				let box = node.parentElement;
				if (!box?.checkVisibility() || box.closest('textarea, title, script, noscript, select')) {
					continue;
				}
				while (box && !isApart(box)) box = box.parentElement;
				const range = document.createRange();
				range.setStartAfter(node);
				range.setEndAfter(box?.lastChild ?? node);
				if (range.toString().trim() !== '') {
					wrong.push(`it turns what follows: ${box?.outerHTML.slice(0, 300)}`);
				}
			}
			return wrong;
		}

		function isApart(box: Element): boolean {
			const { display, unicodeBidi } = getComputedStyle(box);
			return unicodeBidi.includes('isolate') || unicodeBidi === 'plaintext' || display !== 'inline';
		}
	});
}
