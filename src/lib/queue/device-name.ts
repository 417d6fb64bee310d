/** The first that fits: several call themselves by the names of others as well. */
const BROWSERS: [RegExp, string][] = [
	[/Edg\w*\//, 'edge'],
	[/OPR\//, 'opera'],
	[/Firefox\/|FxiOS\//, 'firefox'],
	[/Chrome\/|CriOS\/|Chromium\//, 'chrome'],
	[/Safari\//, 'safari']
];
const SYSTEMS: [RegExp, string][] = [
	[/iPhone/, 'iphone'],
	[/iPad/, 'ipad'],
	[/Android/, 'android'],
	[/Windows/, 'windows'],
	[/Mac OS X/, 'mac'],
	[/CrOS/, 'chromebook'],
	[/Linux/, 'linux']
];

/** What a person may call a device: "firefox on linux". */
export function deviceName(userAgent: string): string {
	const find = (names: [RegExp, string][]) => names.find(([fits]) => fits.test(userAgent))?.[1];
	const browser = find(BROWSERS) ?? 'a browser';
	const system = find(SYSTEMS);
	return system ? `${browser} on ${system}` : browser;
}
