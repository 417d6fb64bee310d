import type { Random } from '../../music/random.ts';
import type { Palette } from '../palette.ts';

const RINGS = 22;

function ring(radius: number, wobble: readonly number[]): string {
	const points = Array.from({ length: 120 }, (_, index) => {
		const angle = (index / 120) * 2 * Math.PI;
		const bumps = wobble.reduce(
			(sum, phase, order) => sum + Math.sin(angle * (order + 2) + phase) / (order + 2),
			0
		);
		const distance = radius * (1 + 0.22 * bumps);
		const x = 640 + distance * Math.cos(angle) * 1.15;
		const y = 560 + distance * Math.sin(angle);
		return `${x.toFixed(1)},${y.toFixed(1)}`;
	});
	return `M${points.join(' L')} Z`;
}

/** A map drawn at a kitchen table, and the paper boat that was left over. */
export function contours(random: Random, palette: Palette): string {
	const wobble = Array.from({ length: 5 }, () => random.between(0, 6.28));
	const rings = Array.from({ length: RINGS }, (_, index) => {
		const drifted = wobble.map((phase) => phase + index * 0.045);
		const width = index % 5 === 0 ? 5 : 2.2;
		const colour = index % 5 === 0 ? palette.light : palette.mid;
		const path = ring(60 + index * 42, drifted);
		return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" opacity="0.8"/>`;
	});
	const stitches = '18 14';
	return `${rings.join('')}
		<path d="M150,1060 Q420,840 560,900 T1010,330" fill="none" stroke="${palette.glow}"
			stroke-width="8" stroke-dasharray="${stitches}" stroke-linecap="round"/>
		<path d="M975,295 L1045,365 M1045,295 L975,365" stroke="${palette.glow}" stroke-width="12"
			stroke-linecap="round"/>
		<g transform="translate(120,985)">
			<path d="M0,60 L240,60 L190,130 L50,130 Z" fill="${palette.light}"/>
			<path d="M120,-50 L120,60 L40,60 Z" fill="${palette.light}" opacity="0.75"/>
			<path d="M120,-50 L200,60 L120,60 Z" fill="${palette.glow}"/>
		</g>`;
}
