import type { OverlayOptions, Sharp } from 'sharp';
import { legible } from '#lib/preferences/contrast.ts';
import { cleanLine } from '#lib/server/uploads/clean-text.ts';
import { waveformPath } from '#lib/player/waveform-path.ts';
import { type Card, CARD_HEIGHT_PX, CARD_WIDTH_PX } from './card.ts';
import { drawText } from './draw-text.ts';

/** As in app.css, the dark theme: --background, --text, --text-soft. */
const GROUND = '#0a0a0a';
const TEXT = '#e8e8e8';
const SOFT_TEXT = '#b0b0b0';
const ACCENT = '#6a9fff';
const TEXT_RATIO = 4.5;

const EDGE_PX = 80;
const ART_PX = 470;
const TEXT_LEFT = EDGE_PX + ART_PX + 60;
const TEXT_WIDTH = CARD_WIDTH_PX - TEXT_LEFT - EDGE_PX;
const TITLE_HEIGHT = 180;
const WAVE_TOP = 428;
const WAVE_HEIGHT = 76;
const CORNER_PX = 16;
const BLUR_PX = 40;

/** What a card is made of, beside its words. */
export interface CardParts {
	/** a picture sharp can read; null: there is none */
	artwork: Buffer | null;
	/** 0..255 for parts of the same length; null: nobody knows them */
	peaks: Uint8Array | null;
	siteName: string;
}

/**
 * Draws a card as a jpeg. The fonts must be in use (`useFonts`). Nothing in the words of a card is
 * markup to it.
 */
export async function drawCard(
	card: Card,
	{ artwork, peaks, siteName }: CardParts
): Promise<Buffer> {
	const { default: sharp } = await import('sharp');
	sharp.cache(false);
	sharp.concurrency(1);
	const art = artwork && (await roundedArtwork(artwork, card));
	const color = art
		? legible(art.color, { toward: 'white', from: GROUND, ratio: TEXT_RATIO })
		: ACCENT;
	const wave = peaks ? waveformPath(peaks, { widthPx: TEXT_WIDTH, heightPx: WAVE_HEIGHT }) : '';
	const overlays: OverlayOptions[] = [
		...(art ? [{ input: art.bytes, left: EDGE_PX, top: EDGE_PX }] : []),
		...(await drawWords(card, color, siteName))
	];
	return await sharp(Buffer.from(groundSvg(card, color, wave, art === null)))
		.composite(overlays)
		.flatten({ background: GROUND })
		.jpeg({ quality: 88, chromaSubsampling: '4:4:4', mozjpeg: true })
		.toBuffer();
}

async function drawWords(card: Card, color: string, siteName: string): Promise<OverlayOptions[]> {
	const box = { left: TEXT_LEFT, widthPx: TEXT_WIDTH };
	const kind = await drawText({
		...{ ...box, text: card.kind, top: EDGE_PX + 2, heightPx: 30 },
		...{ sizesPx: [24], color }
	});
	const title = await drawText({
		...{
			...box,
			text: cleanLine(card.title) || 'untitled',
			top: EDGE_PX + 48,
			heightPx: TITLE_HEIGHT
		},
		...{ sizesPx: [60, 52, 44, 38, 32], isBold: true, color: TEXT }
	});
	const byline = await drawText({
		...{ ...box, text: cleanLine(card.byline), top: (title?.bottom ?? EDGE_PX) + 22, heightPx: 38 },
		...{ sizesPx: [30, 26], color: SOFT_TEXT }
	});
	const facts = await drawText({
		...{ ...box, text: cleanLine(card.facts), top: (byline?.bottom ?? EDGE_PX) + 14, heightPx: 30 },
		...{ sizesPx: [24, 20], color: SOFT_TEXT }
	});
	const site = await drawText({
		...{ ...box, text: siteName, top: EDGE_PX + ART_PX - 26, heightPx: 32 },
		...{ sizesPx: [24], isBold: true, color: SOFT_TEXT }
	});
	return [kind, title, byline, facts, site].flatMap((one) => (one ? [one.overlay] : []));
}

/** Cut to a square, or for a person to a circle. */
async function roundedArtwork(artwork: Buffer, { kind, isBlurred }: Card) {
	const { default: sharp } = await import('sharp');
	const radius = kind === 'artist' ? ART_PX / 2 : CORNER_PX;
	const shape = `<svg width="${ART_PX}" height="${ART_PX}"><rect width="${ART_PX}" height="${ART_PX}" rx="${radius}"/></svg>`;
	const cut = sharp(artwork).resize(ART_PX, ART_PX, { fit: 'cover' });
	const square = isBlurred ? cut.blur(BLUR_PX) : cut;
	const bytes = await square
		.clone()
		.ensureAlpha()
		.composite([{ input: Buffer.from(shape), blend: 'dest-in' }])
		.png({ compressionLevel: 1 })
		.toBuffer();
	return { bytes, color: await mainColor(square) };
}

async function mainColor(picture: Sharp): Promise<string> {
	const { dominant } = await picture.toColourspace('srgb').stats();
	const channels = [dominant.r, dominant.g, dominant.b];
	return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** Everything that is no text: shapes and numbers of ours only. */
function groundSvg(card: Card, color: string, wave: string, withPlaceholder: boolean): string {
	const [width, height] = [CARD_WIDTH_PX, CARD_HEIGHT_PX];
	const radius = card.kind === 'artist' ? ART_PX / 2 : CORNER_PX;
	const middle = EDGE_PX + ART_PX / 2;
	const placeholder = `<rect x="${EDGE_PX}" y="${EDGE_PX}" width="${ART_PX}" height="${ART_PX}" rx="${radius}" fill="#1a1a1a" stroke="#333"/>
		<path transform="translate(${middle - 96} ${middle - 96}) scale(8)" fill="none" stroke="#666" stroke-width="1.2" d="M9 17.5V6l10-2v11.5M9 17.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM19 15.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z"/>`;
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
		<defs><radialGradient id="light" cx="0.25" cy="0.4" r="0.9">
			<stop offset="0" stop-color="${color}" stop-opacity="0.22"/><stop offset="1" stop-color="${color}" stop-opacity="0"/>
		</radialGradient></defs>
		<rect width="${width}" height="${height}" fill="${GROUND}"/>
		<rect width="${width}" height="${height}" fill="url(#light)"/>
		${withPlaceholder ? placeholder : ''}
		<path transform="translate(${TEXT_LEFT} ${WAVE_TOP})" fill="${color}" d="${wave}"/>
	</svg>`;
}
