/**
 * What every page has in common: one file that needs nothing else, in light and dark, readable on a telephone, and no place
 * where a name or a message could become anything but text.
 */

/** HTML that is finished. Everything else must come through `html`, which makes text of it. */
export interface Html {
  readonly html: string
}

type Piece = string | number | Html | readonly Piece[] | null | undefined | false

/** A template: what is filled in becomes text, unless it is HTML already. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return {
    html: strings
      .map((string, index) => string + (index < pieces.length ? filled(pieces[index]!) : ''))
      .join(''),
  }
}

export const trusted = (text: string): Html => ({ html: text })

function filled(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return ''
  if (typeof piece === 'string' || typeof piece === 'number') return escaped(String(piece))
  return 'html' in piece ? piece.html : piece.map(filled).join('')
}

/** Signs that are not to be seen, or that turn round what stands after them, are shown as what they are: strange. */
function escaped(text: string): string {
  return text
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
    .replace(/[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[<>&"'`]/g, sign => `&#${sign.charCodeAt(0)};`)
}

/** A name that somebody chose: whatever direction it is written in stays inside. */
export const name = (text: string): Html => html`<bdi>${text}</bdi>`

/** So many of so many, as a bar and in figures. */
export function meter(points: number, of: number, what: string): Html {
  const share = of === 0 ? 0 : Math.max(0, Math.min(100, (100 * points) / of))
  return html`<span class="meter" role="img" aria-label="${what}: ${points} of ${of}"><span style="width:${share.toFixed(1)}%"></span></span>`
}

/** No script may run and nothing may be fetched, whatever got into the page. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.html
}

const style = `
:root {
  color-scheme: light dark;
  --ink: #1d2430; --soft: #5a6473; --line: #d8dde4; --paper: #fff; --card: #f6f8fa;
  --good: #1a7f4b; --bad: #b3341f; --mark: #2f6fde; --track: #e3e8ee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4e8ee; --soft: #9aa5b4; --line: #333c49; --paper: #12161c; --card: #1a2028;
    --good: #4cc38a; --bad: #ff8b73; --mark: #7fb0ff; --track: #2b3440;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 0 0 .5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
h2 small, h1 small { font-weight: normal; color: var(--soft); white-space: nowrap; }
p { margin: .4rem 0; }
a { color: var(--mark); }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
.soft { color: var(--soft); }
.good { color: var(--good); }
.bad { color: var(--bad); }
.lab { border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 1.25rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; overflow-wrap: break-word; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
tbody > tr:last-child > * { border-bottom: 0; }
th { font-weight: 600; }
td > a, th > a, bdi { overflow-wrap: anywhere; }
th[scope=row] { font-weight: normal; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.meter { display: inline-block; width: 7rem; max-width: 100%; height: .6rem; background: var(--track); border-radius: 3px; overflow: hidden; vertical-align: middle; }
.meter > span { display: block; height: 100%; background: var(--mark); }
details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: .4rem 0; }
summary .soft { white-space: nowrap; }
details > :not(summary) { margin-left: 1rem; }
pre { font: .85rem/1.45 ui-monospace, monospace; white-space: pre-wrap; background: var(--card); border-left: 3px solid var(--line); padding: .5rem .75rem; margin: .4rem 0; }
code { font: .9em ui-monospace, monospace; }
pre code { font: inherit; }
ins, del { text-decoration: none; }
ins { color: var(--bad); } del { color: var(--good); }
blockquote, .quoted { border-left: 3px solid var(--mark); margin: .4rem 0 .8rem; padding: .1rem 0 .1rem .9rem; }
.quoted h4, .quoted h5 { margin: .3rem 0; font-size: 1rem; }
ul { margin: .3rem 0; padding-left: 1.2rem; }
.figures { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: .3rem 0; padding: 0; list-style: none; }
.figures b { font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; max-width: 30rem; height: auto; margin: .5rem 0; }
svg rect { fill: var(--mark); } svg line { stroke: var(--line); } svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
@media (max-width: 36rem) {
  main { padding: 1rem .75rem 3rem; }
  .lab { padding: .75rem; }
  .meter { width: 2.5rem; }
  th, td { padding-right: .5rem; }
}
@media print { details > * { display: block; } .lab { break-inside: avoid-page; } }
`
