import type { UploadState } from './upload.ts';

export interface UploadGroup {
	/** null: one that is published by itself */
	releaseId: string | null;
	name: string;
	/** in the order of the release */
	uploads: UploadState[];
}

/** Uploads that are published together, together; the groups stay in the order of their first. */
export function groupByRelease(uploads: readonly UploadState[]): UploadGroup[] {
	const groups = new Map<string, UploadState[]>();
	for (const upload of uploads) {
		const key = upload.release_id ?? upload.upload_id;
		groups.set(key, [...(groups.get(key) ?? []), upload]);
	}
	return [...groups.values()].map((group) => {
		const ordered = group.toSorted((a, b) => (a.release_position ?? 0) - (b.release_position ?? 0));
		const [first] = ordered;
		const title = first?.title ?? first?.file_name ?? '';
		const name = ordered.length > 1 ? `${title} and ${ordered.length - 1} more` : title;
		return { releaseId: first?.release_id ?? null, name, uploads: ordered };
	});
}
