/** In the order in which they are offered: the smallest first. */
export const IMAGE_FORMATS = ['avif', 'webp', 'jpeg'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** `square`: the middle, cut out; `full`: all of it, as wide or high as it is. */
export const IMAGE_SHAPES = ['square', 'full'] as const;
export type ImageShape = (typeof IMAGE_SHAPES)[number];

/** Edge lengths that can be asked for: rows of lists, on screens of two and three densities, pages. */
export const IMAGE_SIZES_PX = [96, 320, 640, 1200] as const;
/** The longest edge of a whole picture; smaller ones are only ever shown as squares. */
const FULL_SIZES_PX = [640, 1200] as const;

/**
 * The square that lists of podcasts ask for at least, kept as a jpeg only, and only of a picture that is
 * as large as that.
 */
export const FEED_SIZE_PX = 1400;

/** Above this part of the picture itself, a smaller size would hardly differ from it. */
const NEARLY_THE_SAME = 0.9;

/** One kept form of a picture. */
export interface Rendition {
	shape: ImageShape;
	/** of a square its edge, otherwise the longest edge, in px */
	edgePx: number;
	format: ImageFormat;
}

/**
 * The sizes in which a picture is kept: never larger than it is, and its own size when it is
 * smaller than the largest. A square picture has no forms but squares.
 */
export function plannedSizes(size: { width: number; height: number }): Omit<Rendition, 'format'>[] {
	const sizes = (shape: ImageShape, all: readonly number[], edgePx: number) => {
		const top = Math.min(edgePx, all.at(-1) ?? edgePx);
		const smaller = all.filter((one) => one < top * NEARLY_THE_SAME);
		return [...smaller, top].map((edge) => ({ shape, edgePx: edge }));
	};
	const edgePx = Math.min(size.width, size.height);
	const squares = sizes('square', IMAGE_SIZES_PX, edgePx);
	if (edgePx >= FEED_SIZE_PX) squares.push({ shape: 'square', edgePx: FEED_SIZE_PX });
	if (size.width === size.height) return squares;
	return [...squares, ...sizes('full', FULL_SIZES_PX, Math.max(size.width, size.height))];
}

/** The formats a size is kept in. */
export const formatsOf = (edgePx: number): readonly ImageFormat[] =>
	edgePx === FEED_SIZE_PX ? ['jpeg'] : IMAGE_FORMATS;

/** What a rendition is called, in the row and at the end of its key. */
export const renditionName = ({ shape, edgePx, format }: Rendition) =>
	`${shape}-${edgePx}.${format}`;

/** The storage keys of a row, by the name of the rendition. */
export type RenditionKeys = Record<string, string>;

/**
 * Adds the names under which earlier versions look: the edge of a square in webp. They stand beside
 * this version and read the same rows.
 */
export function withEarlierNames(keys: RenditionKeys): RenditionKeys {
	const named = { ...keys };
	for (const edgePx of [320, 1200]) {
		const key = chooseRendition(keys, { shape: 'square', edgePx, format: 'webp' })?.storageKey;
		if (key !== undefined) named[edgePx] = key;
	}
	return named;
}

/** A rendition that is kept, and where. */
export interface KeptRendition extends Rendition {
	storageKey: string;
}

/** Reads the names of a row; a bare number is a square in webp, which is all there was once. */
function keptRenditions(keys: RenditionKeys): KeptRendition[] {
	const kept: KeptRendition[] = [];
	for (const [name, storageKey] of Object.entries(keys)) {
		const [, shape, edge, format] =
			/^(?:(square|full)-)?(\d+)(?:\.(avif|webp|jpeg))?$/.exec(name) ?? [];
		if (edge === undefined) continue;
		kept.push({
			shape: (shape ?? 'square') as ImageShape,
			edgePx: Number(edge),
			format: (format ?? 'webp') as ImageFormat,
			storageKey
		});
	}
	return kept;
}

/**
 * The rendition closest to what is wanted: of the shape and the format if there are any, and of
 * those the smallest that is large enough, else the largest there is. undefined: nothing is kept.
 */
export function chooseRendition(keys: RenditionKeys, wanted: Rendition): KeptRendition | undefined {
	const kept = keptRenditions(keys);
	const ofShape = orAll(kept, (one) => one.shape === wanted.shape);
	const ofFormat = orAll(ofShape, (one) => one.format === wanted.format);
	const bySize = ofFormat.sort((a, b) => a.edgePx - b.edgePx);
	return bySize.find((one) => one.edgePx >= wanted.edgePx) ?? bySize.at(-1);
}

function orAll<T>(items: T[], isWanted: (item: T) => boolean): T[] {
	const wanted = items.filter(isWanted);
	return wanted.length > 0 ? wanted : items;
}

/** Every object a picture consists of, each once: what goes when nothing refers to it any more. */
export const imageObjectKeys = (row: { renditions: RenditionKeys }): string[] => [
	...new Set(Object.values(row.renditions))
];
