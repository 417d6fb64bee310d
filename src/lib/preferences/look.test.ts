import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { contrast } from './contrast.ts';
import { accentColors, accentStyle, HARDEST_SURFACE } from './look.ts';
import { DEFAULT_PREFERENCES } from './preferences.ts';

const SHADES = ['00', '55', 'aa', 'ff'];
const COLORS = SHADES.flatMap((r) => SHADES.flatMap((g) => SHADES.map((b) => `#${r}${g}${b}`)));

describe('an accent', () => {
	it('can be read on every surface of both themes, and what stands on it as well', () => {
		for (const accent of COLORS) {
			const colors = accentColors(accent);
			const of = (name: string) => colors[name] ?? assert.fail(name);
			for (const theme of ['dark', 'light'] as const) {
				const surface = HARDEST_SURFACE[theme];
				for (const name of [`--${theme}-accent`, `--${theme}-accent-hover`]) {
					assert.ok(contrast(of(name), surface) >= 4.5, `${accent} as ${name} on ${surface}`);
					const ink = of(`--${theme}-on-accent`);
					assert.ok(contrast(ink, of(name)) >= 4.5, `${ink} on ${accent} as ${name}`);
				}
				assert.ok(contrast('#ffffff', of(`--${theme}-accent-muted`)) >= 4.5, accent);
			}
		}
	});

	it('is left as it was chosen where that can be read', () => {
		assert.equal(accentColors('#4ade80')['--dark-accent'], '#4ade80');
		assert.equal(accentColors('#0000ff')['--light-accent'], '#0000ff');
	});

	it('of everybody is in app.css, with the surfaces it is measured against', () => {
		const css = readFileSync('src/app.css', 'utf8');
		const { accentColor } = DEFAULT_PREFERENCES;
		for (const [name, value] of Object.entries(accentColors(accentColor))) {
			assert.ok(css.includes(`${name}: ${value};`), `${name}: ${value}`);
		}
		const { light, dark } = HARDEST_SURFACE;
		assert.ok(css.includes(`--surface-hover: light-dark(${light}, ${dark});`));
		assert.equal(accentStyle(accentColor), '', 'and needs no other style');
	});
});

it('contrast is as WCAG has it', () => {
	assert.equal(contrast('#000000', '#ffffff'), 21);
	assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48');
});
