/**
 * A process of its own that likes or unlikes one track, as a web process does, and takes no jobs.
 * Started by likes-kill.test.ts, which kills it in the middle.
 */
import { readConfig } from '#lib/server/config.ts';
import { createContext } from '#lib/server/context.ts';
import { likeTrack } from '#lib/server/likes/like-track.ts';
import { unlikeTrack } from '#lib/server/likes/unlike-track.ts';
import { createLogger } from '#lib/server/log.ts';

/** What it is told, as JSON in its first argument. */
export interface LikeOnce {
	env: Record<string, string>;
	did: string;
	trackId: number;
	isLiked: boolean;
}

const { env, did, trackId, isLiked } = JSON.parse(process.argv[2] ?? '') as LikeOnce;
const log = createLogger('error', (line) => process.stderr.write(line + '\n'));
const ctx = await createContext(readConfig({ ...env, ROLES: 'web' }), log);
const viewer = { did, handle: 'bob.test', displayName: null, avatarUrl: null };
await (isLiked ? likeTrack(ctx, viewer, trackId) : unlikeTrack(ctx, viewer, trackId));
await ctx.dispose();
