import { accentColors } from '#lib/preferences/look.ts';
import { DEFAULT_PREFERENCES } from '#lib/preferences/preferences.ts';

/** Tokens and names as in app.css, of which a player within another page needs little. */
const STYLE = `
:root{color-scheme:light dark;
--ground:light-dark(#f4f4f2,#141414);--raised:light-dark(#e6e6e3,#1f1f1f);--line:light-dark(#cfcfca,#333);
--text:light-dark(#171717,#e8e8e8);--soft:light-dark(#444,#b0b0b0);
--accent:light-dark(var(--light-accent),var(--dark-accent));--on-accent:light-dark(var(--light-on-accent),var(--dark-on-accent))}
:root[data-theme=dark]{color-scheme:dark}
:root[data-theme=light]{color-scheme:light}
*{box-sizing:border-box}
html,body{height:100%;margin:0}
body{font:15px/1.4 ui-monospace,'SF Mono',Monaco,Inconsolata,'Fira Code',Consolas,'DejaVu Sans Mono',monospace;color:var(--text);background:var(--ground);-webkit-text-size-adjust:100%}
a{color:inherit;text-decoration:none}
a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
[hidden],html:not(.scripted) .scripted-only{display:none!important}
.player{display:flex;flex-direction:column;height:100%;border:1px solid var(--line);border-radius:8px;overflow:hidden}
.head{display:flex;gap:14px;padding:12px;align-items:center}
.art{flex:none;width:134px;height:134px;border-radius:6px;overflow:hidden;background:var(--raised)}
.art img,.art svg{display:block;width:100%;height:100%;object-fit:cover}
.veiled img{filter:blur(16px);transform:scale(1.2)}
.artist .art{border-radius:50%}
.about{flex:1;min-width:0;display:grid;gap:4px}
.words{min-width:0}
.words p{line-height:28px}
.words p,h1{margin:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;unicode-bidi:plaintext}
.words a{display:inline-block;min-height:28px;max-width:100%;line-height:28px;vertical-align:top;overflow:hidden;text-overflow:ellipsis}
.title{font-weight:700;font-size:17px}
.message h1{white-space:normal}
.soft,#time,#said,.site{color:var(--soft);font-size:13px}
.site{float:right;margin-left:8px}
audio{width:100%;height:40px}
.scripted audio{display:none}
.controls{display:flex;gap:10px;align-items:center;min-width:0}
#toggle{flex:none;width:44px;height:44px;padding:0;border:0;border-radius:50%;background:var(--accent);color:var(--on-accent);cursor:pointer}
#toggle svg{width:22px;height:22px;display:block;margin:auto}
#toggle .pause,.playing #toggle .play{display:none}
.playing #toggle .pause{display:block}
.line{position:relative;flex:1;min-width:0;height:44px}
.line>svg{position:absolute;inset:0;width:100%;height:100%}
.all{fill:var(--line)}
#played{fill:var(--accent)}
#seek{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
.line:has(#seek:focus-visible){outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
#time{flex:none;font-variant-numeric:tabular-nums}
#said{min-height:0}
#said:empty{display:none}
ol{flex:1;min-height:0;margin:0;padding:0;list-style:none;overflow-y:auto;border-top:1px solid var(--line)}
li{display:flex;align-items:center;gap:8px;min-height:44px;padding:0 12px 0 4px;border-bottom:1px solid var(--line)}
li[aria-current=true]{background:var(--raised);box-shadow:inset 3px 0 var(--accent)}
li>a{flex:1;min-width:0;padding:10px 0 10px 8px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;unicode-bidi:plaintext}
li button{flex:none;width:44px;height:44px;padding:0;border:0;background:none;color:var(--soft);cursor:pointer}
li button svg{width:18px;height:18px;display:block;margin:auto}
li time{flex:none;color:var(--soft);font-size:13px}
.compact .head{padding:8px;gap:10px}
.compact .art{width:62px;height:62px}
.compact .about{display:flex;align-items:center;gap:10px}
.compact .words{flex:1}
.compact .line,.compact ol,.compact .site{display:none}
.compact audio{width:auto;flex:1;min-width:60px}
.message{padding:16px}
@media (max-width:460px){.art{width:72px;height:72px}#time{display:none}.head{align-items:flex-start}}
@media (max-width:260px){.art,.site{display:none}}
@media (forced-colors:active){.all{fill:GrayText}#played{fill:Highlight}#toggle{border:1px solid}}
`.replaceAll('\n', '');

/** The style sheet of a player in one accent (#rrggbb). */
export function embedStyle(accent: string | null): string {
	const colors = Object.entries(accentColors(accent ?? DEFAULT_PREFERENCES.accentColor));
	return `:root{${colors.map(([name, value]) => `${name}:${value}`).join(';')}}${STYLE}`;
}
