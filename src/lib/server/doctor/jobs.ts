import { z } from 'zod';
import type { Config } from '#lib/server/config.ts';
import { fault, type Finding, ok } from './finding.ts';

const LIMIT_MS = 8_000;
const readiness = z.object({
	parts: z.object({ jobs: z.object({ ok: z.boolean(), note: z.string().optional() }) })
});

/** Whether somebody works on what people have sent, as the site itself says it. */
export async function examineJobs({ publicUrl }: Config): Promise<Finding[]> {
	const url = `${publicUrl}/ready`;
	const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
	const { jobs } = readiness.parse(await response.json()).parts;
	if (jobs.ok) return [ok('jobs', 'a worker takes them')];
	const cure = 'start a process whose ROLES have worker, and read its log';
	return [fault('jobs', jobs.note ?? 'nobody takes them', cure)];
}
