import type { Db } from '#lib/server/db/connect.ts';
import { deleteProblemsOfAlbum, deleteProblemsOfTrack } from './forget-queries.ts';

/** A track and its record say the same now: what a check found about that is settled. */
export const forgetRecordProblems = (db: Db, trackId: number): Promise<void> =>
	deleteProblemsOfTrack(db, trackId, ['record_missing', 'record_differs', 'record_unreadable']);

/** A track has other audio now, or its own again. */
export const forgetAudioProblems = (db: Db, trackId: number): Promise<void> =>
	deleteProblemsOfTrack(db, trackId, ['audio_missing', 'original_missing']);

/** A track or an album was given a picture, or does without one. */
export const forgetArtworkProblem = (db: Db, trackId: number): Promise<void> =>
	deleteProblemsOfTrack(db, trackId, ['artwork_missing']);

export const forgetCoverProblem = (db: Db, albumId: string): Promise<void> =>
	deleteProblemsOfAlbum(db, albumId, ['cover_missing']);
