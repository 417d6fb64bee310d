import type { ReleaseState } from './release.ts';

/** Whether a release is published and its time has come: from then on it is edited track by track. */
export const isOpen = (
	{ status, release_at: releaseAt }: Pick<ReleaseState, 'status' | 'release_at'>,
	now = new Date()
): boolean => status === 'published' && (releaseAt === null || new Date(releaseAt) <= now);

/** Whether files may still join a release, at its end. */
export const takesFiles = (
	{ takes_files_until: until }: Pick<ReleaseState, 'takes_files_until'>,
	now = new Date()
): boolean => until === null || new Date(until) >= now;
