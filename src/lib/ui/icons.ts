/** What `src/app.html` draws for all pages. */
export const ICON_NAMES = [
	'play',
	'pause',
	'previous',
	'next',
	'shuffle',
	'repeat',
	'repeatOne',
	'queue',
	'retry',
	'download',
	'close',
	'check',
	'info',
	'warning',
	'volume',
	'muted',
	'share',
	'copy',
	'image',
	'upload',
	'folder',
	'grip',
	'up',
	'down',
	'dots',
	'more',
	'options',
	'settings',
	'note'
] as const;

export type IconName = (typeof ICON_NAMES)[number];
