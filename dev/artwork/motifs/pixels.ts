import type { Random } from '../../music/random.ts';
import type { Palette } from '../palette.ts';

const CELL = 50;
const MIDDLE = 11.5;

function colourOf(distance: number, random: Random, palette: Palette): string {
	if (distance < 2) return palette.glow;
	if (distance < 5) return random.chance(0.85) ? palette.light : palette.glow;
	if (distance < 8) return random.chance(0.8) ? palette.mid : palette.light;
	return random.chance(0.14) ? palette.mid : palette.shade;
}

/** A crystal in a dark room, made of squares, the same on both sides. */
export function pixels(random: Random, palette: Palette): string {
	const squares: string[] = [];
	for (let row = 0; row < 24; row++) {
		for (let column = 0; column < 12; column++) {
			const distance = Math.abs(column - MIDDLE) * 1.5 + Math.abs(row - MIDDLE) * 0.85;
			const colour = colourOf(distance, random, palette);
			for (const x of [column, 23 - column]) {
				squares.push(
					`<rect x="${x * CELL + 2}" y="${row * CELL + 2}" width="${CELL - 4}" height="${CELL - 4}"
						fill="${colour}"/>`
				);
			}
		}
	}
	return squares.join('');
}
