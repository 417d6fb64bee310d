import type { Db } from '#lib/server/db/connect.ts';
import { deleteProblemsOfTrack } from './problem-queries.ts';

/** A track and its record say the same now: what a check found about that is settled. */
export const forgetRecordProblems = (db: Db, trackId: number): Promise<void> =>
	deleteProblemsOfTrack(db, trackId, ['record_missing', 'record_differs', 'record_unreadable']);

/** A track has other audio now, or its own again. */
export const forgetAudioProblems = (db: Db, trackId: number): Promise<void> =>
	deleteProblemsOfTrack(db, trackId, ['audio_missing', 'original_missing']);
