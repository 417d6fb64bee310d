import type { Random } from '../../music/random.ts';
import type { Palette } from '../palette.ts';

function arc(radius: number, from: number, to: number): string {
	const pointAt = (angle: number) =>
		`${(600 + radius * Math.cos(angle)).toFixed(1)},${(600 + radius * Math.sin(angle)).toFixed(1)}`;
	const isLarge = to - from > Math.PI ? 1 : 0;
	return `M${pointAt(from)} A${radius},${radius} 0 ${isLarge} 1 ${pointAt(to)}`;
}

/** Rings that turn at their own speed, and one red mark. */
export function gears(random: Random, palette: Palette): string {
	const rings = Array.from({ length: 13 }, (_, index) => {
		const radius = 70 + index * 38;
		const from = random.between(0, 6.28);
		const to = from + random.between(1.2, 5.4);
		const colour = index === 8 ? palette.glow : index % 3 ? palette.mid : palette.light;
		const width = [26, 8, 14][index % 3] ?? 8;
		return `<circle cx="600" cy="600" r="${radius}" fill="none" stroke="${palette.shade}"
				stroke-width="${width}"/>
			<path d="${arc(radius, from, to)}" fill="none" stroke="${colour}" stroke-width="${width}"/>`;
	});
	const teeth = Array.from({ length: 48 }, (_, index) => {
		const angle = index * 7.5;
		return `<rect x="594" y="16" width="12" height="${index % 4 ? 22 : 44}" fill="${palette.mid}"
			transform="rotate(${angle} 600 600)"/>`;
	});
	return `${rings.join('')}${teeth.join('')}<circle cx="600" cy="600" r="22" fill="${palette.glow}"/>`;
}
