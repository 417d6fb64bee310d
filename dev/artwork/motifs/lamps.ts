import type { Random } from '../../music/random.ts';
import type { Palette } from '../palette.ts';

function lamp(x: number, y: number, size: number, palette: Palette): string {
	const arm = x < 600 ? 1 : -1;
	const headX = x + arm * 90 * size;
	return `<path d="M${x},${y + 420 * size} L${x},${y} Q${x},${y - 40 * size} ${headX},${y - 40 * size}"
			fill="none" stroke="${palette.mid}" stroke-width="${(12 * size).toFixed(1)}"/>
		<circle cx="${headX}" cy="${y - 30 * size}" r="${(150 * size).toFixed(1)}" fill="${palette.glow}"
			opacity="0.1"/>
		<circle cx="${headX}" cy="${y - 30 * size}" r="${(70 * size).toFixed(1)}" fill="${palette.glow}"
			opacity="0.2"/>
		<circle cx="${headX}" cy="${y - 30 * size}" r="${(22 * size).toFixed(1)}" fill="${palette.glow}"/>`;
}

/** Lamps along a road that meets itself at the horizon. */
export function lamps(random: Random, palette: Palette): string {
	const pairs = Array.from({ length: 7 }, (_, index) => {
		const size = 0.72 ** index * 1.5;
		const y = 640 - 420 * size;
		return [600 - 520 * size, 600 + 520 * size].map((x) => lamp(x, y, size, palette)).join('');
	}).reverse();
	const dashes = Array.from({ length: 8 }, (_, index) => {
		const near = 0.66 ** index;
		const y = 640 + 540 * near;
		return `<path d="M${600 - 14 * near},${y} L${600 + 14 * near},${y} L600,${y - 90 * near} Z"
			fill="${palette.glow}" opacity="0.75"/>`;
	});
	const hills = Array.from({ length: 25 }, (_, index) => {
		const height = random.between(10, 60);
		return `${index * 50},${(640 - height).toFixed(0)}`;
	});
	return `<path d="M0,640 L${hills.join(' L')} L1200,640 Z" fill="${palette.shade}"/>
		<rect y="640" width="1200" height="560" fill="${palette.shade}" opacity="0.7"/>
		<path d="M560,640 L640,640 L1500,1200 L-300,1200 Z" fill="${palette.ground}"/>
		${dashes.join('')}${pairs.join('')}`;
}
