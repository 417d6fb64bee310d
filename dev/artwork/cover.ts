import sharp from 'sharp';
import { Random } from '../music/random.ts';
import { beam } from './motifs/beam.ts';
import { contours } from './motifs/contours.ts';
import { gears } from './motifs/gears.ts';
import { lamps } from './motifs/lamps.ts';
import { pixels } from './motifs/pixels.ts';
import { tide } from './motifs/tide.ts';
import { windows } from './motifs/windows.ts';
import { PALETTES, type Palette } from './palette.ts';

const COVERS = {
	tide: { motif: tide, palette: PALETTES.tide },
	beam: { motif: beam, palette: PALETTES.beam },
	contours: { motif: contours, palette: PALETTES.paper },
	windows: { motif: windows, palette: PALETTES.window },
	gears: { motif: gears, palette: PALETTES.iron },
	pixels: { motif: pixels, palette: PALETTES.pixel },
	lamps: { motif: lamps, palette: PALETTES.sodium }
} satisfies Record<string, { motif: Motif; palette: Palette }>;

type Motif = (random: Random, palette: Palette) => string;
export type CoverName = keyof typeof COVERS;

const SIZE = 1200;

/** The drawing of a cover as SVG, 1200 × 1200; the same at every call. */
export function coverSvg(name: CoverName): string {
	const { motif, palette } = COVERS[name];
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}">
		<defs><radialGradient id="ground" cx="0.5" cy="0.4" r="0.85">
			<stop offset="0" stop-color="${palette.shade}"/>
			<stop offset="1" stop-color="${palette.ground}"/>
		</radialGradient></defs>
		<rect width="${SIZE}" height="${SIZE}" fill="url(#ground)"/>
		${motif(new Random(name), palette)}
	</svg>`;
}

/** The cover as a JPEG of about 100 kB. */
export const coverJpeg = (name: CoverName): Promise<Buffer> =>
	sharp(Buffer.from(coverSvg(name)))
		.jpeg({ quality: 88 })
		.toBuffer();
