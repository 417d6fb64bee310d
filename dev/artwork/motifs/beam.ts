import type { Random } from '../../music/random.ts';
import type { Palette } from '../palette.ts';

/** A lighthouse that looks for somebody among the stars. */
export function beam(random: Random, palette: Palette): string {
	const stars = Array.from({ length: 90 }, () => {
		const radius = random.between(1, 3.4).toFixed(1);
		const x = random.between(0, 1200).toFixed(0);
		const y = random.between(0, 880).toFixed(0);
		const opacity = random.between(0.2, 0.9).toFixed(2);
		return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${palette.light}" opacity="${opacity}"/>`;
	});
	return `<defs><linearGradient id="ray" x1="0" x2="1">
			<stop offset="0" stop-color="${palette.glow}" stop-opacity="0.85"/>
			<stop offset="1" stop-color="${palette.glow}" stop-opacity="0"/>
		</linearGradient></defs>
		${stars.join('')}
		<path d="M350,452 L1200,150 L1200,560 L350,478 Z" fill="url(#ray)"/>
		<path d="M345,458 L0,360 L0,520 L345,472 Z" fill="${palette.glow}" opacity="0.12"/>
		<path d="M300,520 L400,520 L440,1010 L260,1010 Z" fill="${palette.light}"/>
		<path d="M291,640 L409,640 L417,740 L283,740 Z M275,840 L425,840 L433,940 L267,940 Z"
			fill="${palette.mid}"/>
		<rect x="285" y="505" width="130" height="18" fill="${palette.mid}"/>
		<rect x="315" y="425" width="70" height="80" fill="${palette.glow}"/>
		<path d="M300,425 L350,370 L400,425 Z" fill="${palette.mid}"/>
		<path d="M0,1010 Q300,930 600,1005 T1200,1000 L1200,1200 L0,1200 Z" fill="${palette.shade}"/>
		<path d="M0,1080 Q350,1030 700,1085 T1200,1070 L1200,1200 L0,1200 Z"
			fill="${palette.mid}" opacity="0.5"/>`;
}
