import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';

const LIMIT_MS = 30_000;

const ARGUMENTS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--disable-extensions',
	'--disable-component-extensions-with-background-pages',
	'--disable-smooth-scrolling'
];

/**
 * Debian's Chromium, with the rules about sound it has for everybody. Without windows it takes half
 * the processor time.
 * @param change whether it is the whole browser, for what is heard or seen by its tabs; its arguments:
 *   more of them, and those of playwright it is to be without
 */
export function openBrowser(
	change: { isWhole?: boolean; arguments?: string[]; without?: string[] } = {}
): Promise<Browser> {
	const program = change.isWhole ? '/usr/bin/chromium' : '/usr/bin/chromium-headless-shell';
	return chromium.launch({
		executablePath: process.env['CHROMIUM_PATH'] || program,
		// playwright lets every page make sound without a gesture: that is what is to be tested
		ignoreDefaultArgs: [
			...['--autoplay-policy=no-user-gesture-required', '--mute-audio'],
			...(change.without ?? [])
		],
		args: [...ARGUMENTS, ...(change.arguments ?? [])]
	});
}

/**
 * For a window whose requests are routed: of a page that a service worker has taken over, Chromium
 * sometimes shows none of them to who watches it, though the worker answers none either.
 */
export const ROUTED = { serviceWorkers: 'block' } as const;

/** A window of its own, and what its pages complained about. */
export interface Visit {
	context: BrowserContext;
	page: Page;
	complaints: string[];
	/** what the browser itself had to say about them, and is no error */
	warnings: string[];
}

export async function visit(
	browser: Browser,
	options: Parameters<Browser['newContext']>[0] = {}
): Promise<Visit> {
	const context = await browser.newContext({
		viewport: { width: 1100, height: 800 },
		locale: 'en',
		// what moves is drawn by the processor here, for as long as anybody waits
		reducedMotion: 'reduce',
		...options
	});
	context.setDefaultTimeout(LIMIT_MS);
	const page = await context.newPage();
	const complaints: string[] = [];
	const warnings: string[] = [];
	page.on('console', (message) => {
		const lists: Record<string, string[]> = { error: complaints, warning: warnings };
		lists[message.type()]?.push(`${page.url()}: ${message.text()} ${message.location().url}`);
	});
	page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
	return { context, page, complaints, warnings };
}

/**
 * Waits until a page that was just opened listens. What is pressed before is done then, but a person cannot
 * choose files in a field that its script opens for them, and a form is sent without scripts.
 */
export async function alive(page: Page): Promise<void> {
	await page.locator('#svelte-announcer').waitFor({ state: 'attached' });
}

/** Signs in by the login page and the pages of the person's own PDS, up to being back here. */
export async function signIn(page: Page, url: string, name: string): Promise<void> {
	await page.goto(`${url}/`);
	await page.getByRole('navigation').getByRole('link', { name: 'sign in' }).click();
	await page.getByLabel('your handle').fill(`${name}.test`);
	await page.getByRole('button', { name: 'sign in with atproto' }).click();
	await page.getByLabel('Password', { exact: true }).fill(`${name}-pass`);
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await page.getByRole('button', { name: 'Authorize', exact: true }).click();
	await page.waitForURL(`${url}/**`);
}

/** Makes the artist profile a person is asked for at the first sign-in. */
export async function makeProfile(page: Page, name: string): Promise<void> {
	await page.getByLabel('artist name').fill(name);
	await page.getByRole('button', { name: 'create profile' }).click();
	await page.getByRole('link', { name: 'upload', exact: true }).waitFor();
}

const PUBLISH_LIMIT_MS = 60_000;

const toldOf = (page: Page, title: string) =>
	page
		.getByRole('region', { name: 'notifications' })
		.getByText(`${title} is published`, { exact: true });

/** Waits for the message that says so, for somebody who has left its page before the end. */
export async function toldPublished(page: Page, title: string): Promise<void> {
	await toldOf(page, title).waitFor({ timeout: PUBLISH_LIMIT_MS });
}

/**
 * Waits until it is said, wherever the person is. What was published before they left its page has
 * been said there: it is in the list of the page they are on now.
 */
export async function published(page: Page, title: string): Promise<void> {
	const listed = page.getByRole('main').getByRole('link', { name: title, exact: true });
	await toldOf(page, title).or(listed).first().waitFor({ timeout: PUBLISH_LIMIT_MS });
}
