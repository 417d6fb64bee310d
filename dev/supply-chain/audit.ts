/** What `npm audit --json` came to. */
export type Audit =
	| { state: 'unknown'; reason: string }
	| { state: 'known'; advisories: { says: string; isGrave: boolean }[] };

interface Vulnerability {
	name?: string;
	severity?: string;
	range?: string;
}

const GRAVE = new Set(['high', 'critical']);

/** Reads the report, or why there is none: the registry is away, or answers no such questions. */
export function readAudit(text: string): Audit {
	const report = parse(text);
	const { vulnerabilities } = report;
	if (vulnerabilities === undefined) {
		return { state: 'unknown', reason: report.message ?? 'npm gave no report' };
	}
	const advisories = Object.entries(vulnerabilities).map(([key, one]) => ({
		says: `${one.name ?? key} ${one.range ?? ''}: ${one.severity ?? 'unknown'}`,
		isGrave: GRAVE.has(one.severity ?? '')
	}));
	return { state: 'known', advisories };
}

function parse(text: string): {
	message?: string;
	vulnerabilities?: Record<string, Vulnerability>;
} {
	try {
		return JSON.parse(text) as ReturnType<typeof parse>;
	} catch {
		return {};
	}
}
