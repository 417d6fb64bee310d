import type { Family } from './registry.ts';
import type { HistogramPoint } from './series.ts';

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Writes numbers in the text format of Prometheus. */
export function exposition(families: readonly Family[]): string {
	return families.map(familyText).join('');
}

function familyText(family: Family): string {
	const { name, help, type, labels } = family;
	const lines = [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`];
	if (family.type === 'histogram') {
		for (const point of family.points) lines.push(...histogramLines(name, labels, family, point));
	} else {
		for (const point of family.points) {
			lines.push(`${name}${labelText(labels, point.labels)} ${numberText(point.value)}`);
		}
	}
	return `${lines.join('\n')}\n`;
}

function histogramLines(
	name: string,
	labels: readonly string[],
	{ bounds }: { bounds: readonly number[] },
	point: HistogramPoint
): string[] {
	const own = point.labels;
	let below = 0;
	const buckets = point.counts.map((count, index) => {
		below += count;
		const bound = bounds[index];
		const le = bound === undefined ? '+Inf' : numberText(bound);
		return `${name}_bucket${labelText([...labels, 'le'], [...own, le])} ${below}`;
	});
	const text = labelText(labels, own);
	return [
		...buckets,
		`${name}_sum${text} ${numberText(point.sum)}`,
		`${name}_count${text} ${point.count}`
	];
}

function labelText(names: readonly string[], values: readonly string[]): string {
	if (names.length === 0) return '';
	const pairs = names.map((name, index) => `${name}="${escapeLabel(values[index] ?? '')}"`);
	return `{${pairs.join(',')}}`;
}

const escapeHelp = (text: string) => text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');

const escapeLabel = (text: string) => escapeHelp(text).replace(/"/g, '\\"');

function numberText(value: number): string {
	if (Number.isFinite(value)) return String(value);
	if (Number.isNaN(value)) return 'NaN';
	return value > 0 ? '+Inf' : '-Inf';
}
