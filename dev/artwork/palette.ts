/** The colours of one cover: a dark ground, something in between, two lights. */
export type Palette = { ground: string; shade: string; mid: string; light: string; glow: string };

export const PALETTES = {
	tide: {
		ground: '#0b1418',
		shade: '#12242b',
		mid: '#24505a',
		light: '#7fb2ad',
		glow: '#f2b880'
	},
	beam: {
		ground: '#0a0f1c',
		shade: '#131c33',
		mid: '#2b3f66',
		light: '#9fb4dd',
		glow: '#ffe3a3'
	},
	paper: {
		ground: '#17120d',
		shade: '#2a2118',
		mid: '#6b5237',
		light: '#d9c29a',
		glow: '#e4734a'
	},
	window: {
		ground: '#10101a',
		shade: '#1b1b2c',
		mid: '#3c3a5c',
		light: '#8f86b8',
		glow: '#f0b35a'
	},
	iron: {
		ground: '#0d0f10',
		shade: '#191d1f',
		mid: '#39444a',
		light: '#8da0a6',
		glow: '#d8503f'
	},
	pixel: {
		ground: '#0c1210',
		shade: '#142420',
		mid: '#1f5b4a',
		light: '#59c79b',
		glow: '#f4e285'
	},
	sodium: {
		ground: '#120b0a',
		shade: '#241412',
		mid: '#5e2c1d',
		light: '#c9693a',
		glow: '#ffb454'
	}
} satisfies Record<string, Palette>;
