/** What we read of a report of Lighthouse. */
export interface Report {
	categories: Record<string, Category | undefined>;
	audits: Record<string, Audit | undefined>;
}

interface Category {
	/** 0..1; null: something could not be found out */
	score: number | null;
	auditRefs: { id: string; weight: number }[];
}

interface Audit {
	title: string;
	score: number | null;
	numericValue?: number;
	displayValue?: string;
	details?: { items?: unknown[] };
}

/** Of a hundred. */
const LEAST = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 100 };
const MOST_SHIFT = 0.02;
const ITEMS = 3;
const ITEM_CHARACTERS = 300;

const scoreOf = ({ categories }: Report, name: string) =>
	Math.round((categories[name]?.score ?? NaN) * 100);

const valueOf = ({ audits }: Report, id: string) => audits[id]?.numericValue ?? NaN;

/** A line of the table. */
export const rowOf = (report: Report) => ({
	...Object.fromEntries(Object.keys(LEAST).map((name) => [name, scoreOf(report, name)])),
	CLS: Number(valueOf(report, 'cumulative-layout-shift').toFixed(3)),
	'FCP, ms': Math.round(valueOf(report, 'first-contentful-paint')),
	'LCP, ms': Math.round(valueOf(report, 'largest-contentful-paint')),
	'TBT, ms': Math.round(valueOf(report, 'total-blocking-time'))
});

/** What is below its bound, and what Lighthouse holds against it. */
export function missedIn(name: string, report: Report): string[] {
	const missed: string[] = [];
	for (const [category, least] of Object.entries(LEAST)) {
		const score = scoreOf(report, category);
		// what is no number is no score either
		if (score >= least) continue;
		missed.push(`${name}: ${category} is ${score}, not ${least}`, ...faultsIn(report, category));
	}
	const shift = valueOf(report, 'cumulative-layout-shift');
	if (!(shift < MOST_SHIFT)) missed.push(`${name}: moves while it loads: CLS is ${shift}`);
	return missed;
}

function faultsIn({ categories, audits }: Report, category: string): string[] {
	const weighty = (categories[category]?.auditRefs ?? []).filter(({ weight }) => weight > 0);
	return weighty.flatMap(({ id }) => {
		const audit = audits[id];
		if (!audit || (audit.score ?? 1) >= 0.9) return [];
		const items = (audit.details?.items ?? []).slice(0, ITEMS);
		const shown = items.map((item) => `    ${JSON.stringify(item).slice(0, ITEM_CHARACTERS)}`);
		return [`  ${id}: ${audit.title} ${audit.displayValue ?? ''}`, ...shown];
	});
}
