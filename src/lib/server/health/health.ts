import type { Context } from '#lib/server/context.ts';

/** One part we depend on: whether it works, how long the answer took, and what is wrong. */
export interface PartHealth {
	ok: boolean;
	ms: number;
	/** what is wrong, or what an operator should know though it works */
	note?: string;
}

export interface Readiness {
	ready: boolean;
	parts: Record<'database' | 'storage' | 'transcoder' | 'jobs', PartHealth>;
}

/** A part that does not answer within this is not ready: a probe must never hang. */
const PART_LIMIT_MS = 2_000;

/**
 * Whether this process can do its work. The transcoder and the jobs do not gate traffic (pages
 * and audio work without them), but they are reported: a site that takes uploads nobody works on
 * must be seen.
 */
export async function checkReadiness(ctx: Context): Promise<Readiness> {
	const [database, storage, transcoder, jobs] = await Promise.all([
		check(async () => {
			await ctx.sql`select 1`;
			return undefined;
		}),
		check(async () => {
			await ctx.storage.check();
			return undefined;
		}),
		check(async () => {
			const { roles, transcoder } = ctx.config;
			// pages do without; whoever takes jobs has been refused without one
			if (!roles.transcoder && transcoder.url === undefined) return 'none here: workers have it';
			const { ffmpeg } = await ctx.transcoder.capabilities();
			if (!ffmpeg) return 'no ffmpeg: browser-playable uploads are published as they are';
			return undefined;
		}),
		check(async () => {
			const { draining, reason } = await ctx.jobs.status();
			if (!draining) throw new Error(reason ?? 'no worker takes jobs');
			return undefined;
		})
	]);
	return { ready: database.ok && storage.ok, parts: { database, storage, transcoder, jobs } };
}

async function check(probe: () => PromiseLike<string | undefined>): Promise<PartHealth> {
	const startedAt = performance.now();
	const elapsed = () => Math.round(performance.now() - startedAt);
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<never>((_, reject) => {
		timer = setTimeout(
			() => reject(new Error(`no answer within ${PART_LIMIT_MS} ms`)),
			PART_LIMIT_MS
		);
	});
	try {
		const note = await Promise.race([probe(), limit]);
		return { ok: true, ms: elapsed(), ...(note === undefined ? {} : { note }) };
	} catch (cause) {
		return {
			ok: false,
			ms: elapsed(),
			note: cause instanceof Error ? cause.message : String(cause)
		};
	} finally {
		clearTimeout(timer);
	}
}
