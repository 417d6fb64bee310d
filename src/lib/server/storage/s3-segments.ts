import { STAGING_FOLDER } from './keys.ts';

/** A run of bytes of a staged upload, stored as one object. */
export interface Segment {
	offsetBytes: number;
	sizeBytes: number;
}

/** What a segment contributes: bytes from `start` (within it) to its end. */
export interface SegmentPart {
	segment: Segment;
	start: number;
}

const OFFSET_DIGITS = 16;
const SEGMENT_NAME = /^\d{16}$/;
/** An upload that has begun and has no bytes. */
const BEGUN_NAME = 'begun';

export const stagingPrefix = (id: string): string => `${STAGING_FOLDER}/${id}/`;

export const begunKey = (id: string): string => stagingPrefix(id) + BEGUN_NAME;

export const segmentKey = (id: string, offsetBytes: number): string =>
	stagingPrefix(id) + String(offsetBytes).padStart(OFFSET_DIGITS, '0');

/** The upload and the segment an object belongs to; `segment` is null for other objects of it. */
export function parseStagingKey(
	key: string,
	sizeBytes: number
): { id: string; segment: Segment | null } {
	const [, id = '', name = ''] = key.split('/');
	const segment = SEGMENT_NAME.test(name) ? { offsetBytes: Number(name), sizeBytes } : null;
	return { id, segment };
}

/**
 * Puts segments in order up to the first gap. Two writers of the same upload can leave overlapping
 * segments; each byte is taken from the first segment that has it.
 */
export function joinSegments(segments: Segment[]): { parts: SegmentPart[]; sizeBytes: number } {
	const parts: SegmentPart[] = [];
	let sizeBytes = 0;
	for (const segment of segments.toSorted((a, b) => a.offsetBytes - b.offsetBytes)) {
		if (segment.offsetBytes > sizeBytes) break;
		const end = segment.offsetBytes + segment.sizeBytes;
		if (end <= sizeBytes) continue;
		parts.push({ segment, start: sizeBytes - segment.offsetBytes });
		sizeBytes = end;
	}
	return { parts, sizeBytes };
}
