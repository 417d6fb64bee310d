/** Drawn by us on a 24 px grid with 2 px strokes; filled shapes are marked. */
export const ICONS = {
	play: {
		d: 'M8 5.5v13a.6.6 0 0 0 .9.5l10.4-6.5a.6.6 0 0 0 0-1L8.9 5a.6.6 0 0 0-.9.5z',
		fill: true
	},
	pause: {
		d: 'M7.5 5h2a.5.5 0 0 1 .5.5v13a.5.5 0 0 1-.5.5h-2a.5.5 0 0 1-.5-.5v-13a.5.5 0 0 1 .5-.5zM14.5 5h2a.5.5 0 0 1 .5.5v13a.5.5 0 0 1-.5.5h-2a.5.5 0 0 1-.5-.5v-13a.5.5 0 0 1 .5-.5z',
		fill: true
	},
	previous: { d: 'M6 5.5h2v13H6zM18.5 5.9v12.2L9.5 12z', fill: true },
	next: { d: 'M16 5.5h2v13h-2zM5.5 5.9v12.2l9-6.1z', fill: true },
	shuffle: {
		d: 'M4 7.5h3.2l7.6 9H20M4 16.5h3.2l2-2.4M12.6 10l2.2-2.5H20M17.5 5L20 7.5 17.5 10M17.5 14l2.5 2.5-2.5 2.5',
		fill: false
	},
	repeat: {
		d: 'M5 12V9a2 2 0 0 1 2-2h11M15.5 4.5L18 7l-2.5 2.5M19 12v3a2 2 0 0 1-2 2H6M8.5 14.5L6 17l2.5 2.5',
		fill: false
	},
	repeatOne: {
		d: 'M5 12V9a2 2 0 0 1 2-2h11M15.5 4.5L18 7l-2.5 2.5M19 12v3a2 2 0 0 1-2 2H6M8.5 14.5L6 17l2.5 2.5M11 11l1.5-1v4.2',
		fill: false
	},
	queue: { d: 'M4 6.5h16M4 12h10M4 17.5h10M17.5 12.5v5l4-2.5z', fill: false },
	retry: { d: 'M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6', fill: false },
	download: { d: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14', fill: false },
	close: { d: 'M6 6l12 12M18 6L6 18', fill: false },
	check: { d: 'M5 12.5l4.5 4.5L19 7.5', fill: false },
	info: { d: 'M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0zM12 11.5v4M12 8.5v.01', fill: false },
	warning: { d: 'M12 4.5L21 19.5H3zM12 10.5v4M12 17v.01', fill: false },
	volume: {
		d: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
		fill: false
	},
	muted: { d: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5', fill: false },
	share: {
		d: 'M14 5h5v5M19 5l-8 8M17 14v4.5a.5.5 0 0 1-.5.5h-11a.5.5 0 0 1-.5-.5v-11a.5.5 0 0 1 .5-.5H10',
		fill: false
	},
	copy: { d: 'M9 9h10v10H9zM6 15H5V5h10v1', fill: false },
	image: { d: 'M5 5h14v14H5zM5 16l4.5-4.5L13 15l2.5-2.5L19 16M14.5 9v.01', fill: false },
	upload: { d: 'M12 16V5M7 10l5-5 5 5M5 19h14', fill: false },
	folder: { d: 'M4 18.5v-12h5.5l2 2.5H20v9.5z', fill: false },
	grip: { d: 'M9 6v.01M9 12v.01M9 18v.01M15 6v.01M15 12v.01M15 18v.01', fill: false },
	up: { d: 'M12 19V5M6 11l6-6 6 6', fill: false },
	down: { d: 'M12 5v14M6 13l6 6 6-6', fill: false },
	dots: { d: 'M12 5.5v.01M12 12v.01M12 18.5v.01', fill: false },
	more: { d: 'M6 9.5l6 6 6-6', fill: false },
	options: {
		d: 'M3.5 12a2 2 0 1 0 4 0a2 2 0 1 0-4 0zM10 12a2 2 0 1 0 4 0a2 2 0 1 0-4 0zM16.5 12a2 2 0 1 0 4 0a2 2 0 1 0-4 0z',
		fill: true
	},
	settings: {
		d: 'M4 7h9M17 7h3M4 17h3M11 17h9M17 7a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM11 17a2 2 0 1 1-4 0 2 2 0 0 1 4 0z',
		fill: false
	},
	note: {
		d: 'M9 17.5V6l10-2v11.5M9 17.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM19 15.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z',
		fill: false
	}
} as const;

export type IconName = keyof typeof ICONS;
