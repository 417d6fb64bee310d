import { createHash } from 'node:crypto';
import { machineLength, trackLength } from '#lib/format.ts';
import { waveformPath } from '#lib/player/waveform-path.ts';
import { escapeMarkup as text } from '#lib/sharing/escape-markup.ts';
import { cleanLine } from '#lib/server/uploads/clean-text.ts';
import type { EmbedContent, EmbedTrack } from './embed-content.ts';
import type { EmbedOptions } from './embed-options.ts';
import { embedScript } from './embed-player.ts';
import { embedStyle } from './embed-style.ts';

/** A page that stands within another one, and the only policy under which it may run. */
export interface EmbedPage {
	html: string;
	contentSecurityPolicy: string;
}

interface Site {
	appName: string;
	publicUrl: string;
}

const WAVE = { widthPx: 360, heightPx: 44 };
const PLAIN_WAVE = `M0 20h${WAVE.widthPx}v4h-${WAVE.widthPx}z`;
const PLAY = '<path d="M8 5.5v13a.6.6 0 0 0 .9.5l10.4-6.5a.6.6 0 0 0 0-1L8.9 5a.6.6 0 0 0-.9.5z"/>';
const PAUSE = '<path d="M7 5h3v14H7zM14 5h3v14h-3z"/>';
const RECORD =
	'<svg viewBox="0 0 64 64" aria-hidden="true"><g fill="none" stroke="currentColor" opacity=".35"><circle cx="32" cy="32" r="23"/><circle cx="32" cy="32" r="16"/></g><circle cx="32" cy="32" r="9" fill="var(--accent)"/></svg>';

const icon = (shape: string, name = '') =>
	`<svg class="${name}" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">${shape}</svg>`;

/** The player, for a track, an album or an artist. */
export function embedPage(site: Site, content: EmbedContent, options: EmbedOptions): EmbedPage {
	const [first] = content.tracks;
	const body = first
		? `<main class="player ${content.kind}${options.isCompact ? ' compact' : ''}">
${head(site, content, first, options)}${content.kind === 'track' ? onlyTrack(first) : list(site, content)}</main>`
		: messageBody(site, `there is no track of ${content.title} yet`, content.path);
	const title = `${content.title} - ${content.byline.name}`;
	const accent = options.accent ?? content.color;
	return document(site, { title, body, accent, theme: options.theme, path: content.path });
}

/** A page that says why there is no player. */
export function embedMessage(site: Site, sentence: string, options: EmbedOptions): EmbedPage {
	const body = messageBody(site, sentence, '/');
	return document(site, { title: sentence, body, accent: options.accent, theme: options.theme });
}

const messageBody = (site: Site, sentence: string, path: string) =>
	`<main class="player"><div class="message"><h1 class="title">${text(cleanLine(sentence))}</h1><p>${link(site, path, `open ${site.appName}`)}</p></div></main>`;

/** Opens the site beside the page it stands in. */
const link = (site: Site, path: string, words: string, name = '') =>
	`<a class="${name}" href="${text(site.publicUrl + path)}" target="_blank" rel="noopener">${text(cleanLine(words))}</a>`;

function head(site: Site, content: EmbedContent, first: EmbedTrack, options: EmbedOptions): string {
	const { title, byline, facts, imageUrl, isExplicit } = content;
	const art = imageUrl ? `<img src="${text(imageUrl)}" width="134" height="134" alt="">` : RECORD;
	const start = options.startSeconds > 0 ? ` data-start="${options.startSeconds}"` : '';
	return `<div class="head"><div class="art${isExplicit ? ' veiled' : ''}">${art}</div><div class="about">
<div class="words">${link(site, content.path, site.appName, 'site')}<h1 class="title">${link(site, content.path, title)}</h1>
<p class="soft">${link(site, byline.path, byline.name)}${facts ? ` • ${text(facts)}` : ''}${isExplicit ? ' • explicit' : ''}</p></div>
<audio controls preload="none" src="${text(first.audioPath)}"${start}></audio>
<div class="controls scripted-only"><button type="button" id="toggle" aria-label="play">${icon(PLAY, 'play')}${icon(PAUSE, 'pause')}</button>
<div class="line">${wave(content.peaks)}<input id="seek" type="range" min="0" max="1000" value="0" step="1" aria-label="position"></div>
<span id="time" aria-hidden="true"></span></div><div id="said" role="status"></div></div></div>`;
}

function wave(peaks: Uint8Array | null): string {
	const path = (peaks && waveformPath(peaks, WAVE)) ?? PLAIN_WAVE;
	return `<svg viewBox="0 0 ${WAVE.widthPx} ${WAVE.heightPx}" preserveAspectRatio="none" aria-hidden="true"><clipPath id="shape"><path d="${path}"/></clipPath><g clip-path="url(#shape)"><rect class="all" width="100%" height="100%"/><rect id="played" width="0" height="100%"/></g></svg>`;
}

const facts = ({ id, title, audioPath, durationMs }: EmbedTrack) =>
	`data-id="${id}" data-audio="${text(audioPath)}" data-title="${text(cleanLine(title))}" data-seconds="${(durationMs ?? 0) / 1000}"`;

const onlyTrack = (track: EmbedTrack) => `<div hidden ${facts(track)}></div>`;

function list(site: Site, { kind, title, path, tracks, hasMore }: EmbedContent): string {
	const rows = tracks.map((track) => {
		const { durationMs } = track;
		const length =
			durationMs === null
				? ''
				: `<time datetime="${machineLength(durationMs)}">${trackLength(durationMs)}</time>`;
		return `<li ${facts(track)}><button type="button" class="scripted-only" aria-label="play ${text(cleanLine(track.title))}">${icon(PLAY)}</button>${link(site, track.path, track.title)}${length}</li>`;
	});
	const more = hasMore ? `<li>${link(site, path, `more on ${site.appName}`)}</li>` : '';
	const label = kind === 'album' ? `tracks of ${title}` : `newest tracks of ${title}`;
	return `<ol role="list" tabindex="0" aria-label="${text(cleanLine(label))}">${rows.join('')}${more}</ol>`;
}

interface Parts {
	title: string;
	body: string;
	accent: string | null;
	theme: string;
	path?: string;
}

function document(site: Site, { title, body, accent, theme, path }: Parts): EmbedPage {
	const style = embedStyle(accent);
	const script = body.includes('<audio') ? embedScript : '';
	const canonical =
		path === undefined ? '' : `<link rel="canonical" href="${text(site.publicUrl + path)}">`;
	const html = `<!doctype html><html lang="en" data-theme="${theme}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${text(cleanLine(title))}</title><meta name="robots" content="noindex">${canonical}<style>${style}</style></head><body>${body}${script === '' ? '' : `<script>${script}</script>`}</body></html>`;
	return { html, contentSecurityPolicy: policy(site, style, script) };
}

/** Everything that is not needed is forbidden; everybody may show it. */
function policy({ publicUrl }: Site, style: string, script: string): string {
	const hash = (code: string) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`;
	// storage may serve pictures and audio from where it is
	const media = `'self' ${publicUrl} https:`;
	return [
		"default-src 'none'",
		`script-src ${script === '' ? "'none'" : hash(script)}`,
		"require-trusted-types-for 'script'",
		"trusted-types 'none'",
		`style-src ${hash(style)}`,
		`img-src ${media}`,
		`media-src ${media}`,
		`connect-src 'self' ${publicUrl}`,
		"base-uri 'none'",
		"form-action 'none'",
		'frame-ancestors *'
	].join('; ');
}
