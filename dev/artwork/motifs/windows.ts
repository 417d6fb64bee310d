import type { Random } from '../../music/random.ts';
import type { Palette } from '../palette.ts';

/** Houses across the street, a few people still awake, rain on the glass. */
export function windows(random: Random, palette: Palette): string {
	const panes: string[] = [];
	for (let column = 0; column < 8; column++) {
		for (let row = 0; row < 9; row++) {
			const isLit = random.chance(0.16);
			const colour = isLit ? palette.glow : random.chance(0.3) ? palette.mid : palette.shade;
			const x = 96 + column * 130;
			const y = 90 + row * 120;
			panes.push(
				`<rect x="${x}" y="${y}" width="92" height="78" rx="6" fill="${colour}"
					opacity="${isLit ? 0.95 : 0.8}"/>`
			);
			if (isLit) {
				panes.push(
					`<rect x="${x - 14}" y="${y - 14}" width="120" height="106" rx="18"
						fill="${palette.glow}" opacity="0.12"/>`
				);
			}
		}
	}
	const rain = Array.from({ length: 130 }, () => {
		const x = random.between(-100, 1200);
		const y = random.between(-60, 1200);
		const length = random.between(24, 90);
		return `<path d="M${x.toFixed(0)},${y.toFixed(0)} l${(length * 0.3).toFixed(0)},${length.toFixed(0)}"
			stroke="${palette.light}" stroke-width="2.4" opacity="${random.between(0.15, 0.6).toFixed(2)}"/>`;
	});
	return `${panes.join('')}${rain.join('')}`;
}
