import type { MixedReport } from './run-mixed.ts';
import { type Failure, quantile, routeOf } from './tally.ts';

/** Of all requests at most that share may fail. */
export const MOST_ERRORS = 0.001;

/** A report as lines for a person. */
export function inWords(report: MixedReport): string[] {
	const { counts, requests, errors, errorsWithoutServer, repeated, violations } = report;
	const share = (100 * errors.length) / requests;
	return [
		'',
		...Object.entries(counts).map(([what, count]) => `${String(count).padStart(7)}  ${what}`),
		'',
		...timesOf(report.times),
		'',
		`a change of the queue is in the other tab after ${spread(report.queueDelaysMs)}`,
		`${requests} requests, ${errors.length} errors (${share.toFixed(3)} %), ${errorsWithoutServer} of them while no web server was there`,
		...errors.map(lineOf),
		`${repeated.length} requests the browser’s own code tried again:`,
		...grouped(repeated),
		...violations.map(({ kind, about }) => `${kind}: ${about}`),
		violations.length === 0 ? 'everything is as it should be' : `${violations.length} violations`
	];
}

const lineOf = ({ at, ms, who, method, path, status, reason }: Failure) =>
	`  ${new Date(at).toISOString()} ${status || 'no answer'} ${method} ${path} (${who}, ${ms} ms): ${reason.replace(/\s+/g, ' ').slice(0, 120)}`;

function grouped(failures: readonly Failure[]): string[] {
	const groups = new Map<string, number>();
	for (const { method, path, status } of failures) {
		const group = `${method} ${routeOf(path)} ${status || 'no answer'}`;
		groups.set(group, (groups.get(group) ?? 0) + 1);
	}
	return [...groups].map(([group, times]) => `${String(times).padStart(7)}  ${group}`);
}

function timesOf(times: ReadonlyMap<string, number[]>): string[] {
	const groups = new Map<string, number[]>();
	for (const [what, some] of times) {
		const [method = '', path = ''] = what.split(' ');
		const group = path.startsWith('http') ? 'the bucket' : `${method} ${routeOf(path)}`;
		groups.set(group, [...(groups.get(group) ?? []), ...some]);
	}
	return [...groups]
		.sort()
		.map(([group, some]) => `${String(some.length).padStart(7)}  ${group}: ${spread(some)}`);
}

const spread = (numbers: readonly number[]) =>
	`${quantile(numbers, 0.5)} ms (median), ${quantile(numbers, 0.99)} ms (p99), ${quantile(numbers, 1)} ms at most`;
