/**
 * Asks Lighthouse about one page after the other, in the folder that has it: prints one line of JSON for
 * each. Its arguments are the browser's program and the pages' addresses.
 */
interface Launcher {
	launch: (options: {
		chromePath: string;
		chromeFlags: string[];
	}) => Promise<{ port: number; kill(): void }>;
}

interface Lighthouse {
	default: (
		url: string,
		flags: { port: number; output: 'json'; logLevel: 'error' }
	) => Promise<{ lhr: unknown } | undefined>;
}

// they are in this folder's own node_modules, and their types are not there for everybody
const LAUNCHER: string = 'chrome-launcher';
const LIGHTHOUSE: string = 'lighthouse';
const { launch } = (await import(LAUNCHER)) as Launcher;
const { default: lighthouse } = (await import(LIGHTHOUSE)) as Lighthouse;

const [chromePath = '', ...urls] = process.argv.slice(2);
const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-extensions'];

for (const url of urls) {
	// a browser of its own: nothing is in its cache
	const browser = await launch({ chromePath, chromeFlags: FLAGS });
	try {
		// without more, it is a phone of the middle class on a slow line, simulated
		const run = await lighthouse(url, { port: browser.port, output: 'json', logLevel: 'error' });
		if (!run) throw new Error(`there is no report of ${url}`);
		process.stdout.write(`${JSON.stringify({ url, report: run.lhr })}\n`);
	} finally {
		browser.kill();
	}
}
