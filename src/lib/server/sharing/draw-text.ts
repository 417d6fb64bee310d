import type { OverlayOptions } from 'sharp';
import { escapeMarkup } from '#lib/sharing/escape-markup.ts';
import { CARD_FONT } from './fonts.ts';

/** A text within a box: as large as it fits, else cut. */
export interface BoxedText {
	text: string;
	left: number;
	top: number;
	widthPx: number;
	heightPx: number;
	/** sizes to try, the largest first */
	sizesPx: readonly number[];
	isBold?: boolean;
	/** #rrggbb */
	color: string;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Nobody reads more of a title on a picture; what is drawn must be bounded before it is measured. */
const MAX_CHARACTERS = 160;
/** A single one can carry hundreds of marks. */
const MAX_CODE_UNITS = 32;

/** Whose first letter is written from right to left. */
const FROM_THE_RIGHT =
	/^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * Draws a text to be laid over a picture. Scripts from right to left stand at the right of the box.
 * @returns where it ends, too; null for an empty text
 */
export async function drawText(
	box: BoxedText
): Promise<{ overlay: OverlayOptions; bottom: number } | null> {
	let characters = [...graphemes.segment(box.text)]
		.slice(0, MAX_CHARACTERS)
		.map(({ segment }) => segment.slice(0, MAX_CODE_UNITS));
	if (characters.length === 0) return null;
	const isWhole = characters.join('').length === box.text.length;
	for (const sizePx of isWhole ? box.sizesPx : []) {
		const drawn = await draw(box, box.text, sizePx);
		if (fits(drawn, box)) return place(drawn, box);
	}
	const sizePx = box.sizesPx.at(-1) ?? 16;
	for (;;) {
		const drawn = await draw(box, `${characters.join('').trimEnd()}…`, sizePx);
		if (fits(drawn, box) || characters.length === 1) return place(await cropped(drawn, box), box);
		characters = characters.slice(0, Math.floor(characters.length * 0.85));
	}
}

interface Drawn {
	bytes: Buffer;
	widthPx: number;
	heightPx: number;
}

async function draw(box: BoxedText, text: string, sizePx: number): Promise<Drawn> {
	const { default: sharp } = await import('sharp');
	const { data, info } = await sharp({
		text: {
			text: `<span foreground="${box.color}">${escapeMarkup(text)}</span>`,
			font: `${CARD_FONT} ${box.isBold ? 'Bold ' : ''}${sizePx}`,
			width: box.widthPx,
			// so that sizes are in px
			dpi: 72,
			rgba: true,
			wrap: 'word-char'
		}
	})
		.png()
		.toBuffer({ resolveWithObject: true });
	return { bytes: data, widthPx: info.width, heightPx: info.height };
}

const fits = ({ widthPx, heightPx }: Drawn, box: BoxedText) =>
	widthPx <= box.widthPx && heightPx <= box.heightPx;

async function cropped(drawn: Drawn, box: BoxedText): Promise<Drawn> {
	const widthPx = Math.min(drawn.widthPx, box.widthPx);
	const heightPx = Math.min(drawn.heightPx, box.heightPx);
	const { default: sharp } = await import('sharp');
	const bytes = await sharp(drawn.bytes)
		.extract({ left: 0, top: 0, width: widthPx, height: heightPx })
		.toBuffer();
	return { bytes, widthPx, heightPx };
}

function place({ bytes, widthPx, heightPx }: Drawn, box: BoxedText) {
	const left = FROM_THE_RIGHT.test(box.text) ? box.left + box.widthPx - widthPx : box.left;
	return { overlay: { input: bytes, left, top: box.top }, bottom: box.top + heightPx };
}
