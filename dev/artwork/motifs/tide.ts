import type { Random } from '../../music/random.ts';
import type { Palette } from '../palette.ts';

const BANDS = 9;

function waveLine(y: number, height: number, random: Random): string {
	const crests = random.between(1.2, 2.6);
	const shift = random.between(0, 6.28);
	const points = Array.from({ length: 61 }, (_, index) => {
		const x = index * 20;
		const swell = Math.sin((x / 1200) * crests * 6.28 + shift) + 0.4 * Math.sin(x / 97 + shift);
		return `${x},${(y + height * swell).toFixed(1)}`;
	});
	return `M0,1200 L${points.join(' L')} L1200,1200 Z`;
}

/** A low sun over water in bands. */
export function tide(random: Random, palette: Palette): string {
	const bands = Array.from({ length: BANDS }, (_, band) => {
		const y = 560 + band * band * 4 + band * 42;
		const colour = [palette.mid, palette.light, palette.shade][band % 3] ?? palette.mid;
		const opacity = 0.25 + 0.5 * (band / BANDS);
		const path = waveLine(y, 10 + band * 3, random);
		return `<path d="${path}" fill="${colour}" opacity="${opacity.toFixed(2)}"/>`;
	});
	return `<circle cx="760" cy="520" r="190" fill="${palette.glow}" opacity="0.92"/>
		<circle cx="760" cy="520" r="300" fill="${palette.glow}" opacity="0.08"/>
		<rect y="560" width="1200" height="640" fill="${palette.ground}" opacity="0.55"/>
		${bands.join('')}
		<rect x="600" y="640" width="320" height="6" fill="${palette.glow}" opacity="0.7"/>
		<rect x="660" y="700" width="220" height="5" fill="${palette.glow}" opacity="0.5"/>
		<rect x="700" y="775" width="130" height="5" fill="${palette.glow}" opacity="0.35"/>`;
}
