/** How the widget looks: warm, quiet, readable in light and dark. A page may override the custom properties. */

const css = `
:host {
  --accent: #b23c06; --accent-strong: #93300a; --on-accent: #ffffff; --link: #a03505;
  --surface: #fffdfa; --raised: #ffffff; --bubble: #f3ede5; --line: #e4dacd; --control: #8d8073;
  --ink: #241f1b; --quiet: #655b52; --head: #2a211c; --on-head: #fff7ee; --on-head-quiet: #e2d3c4;
  --good: #1f7a4d; --warn: #8a5a00; --warn-surface: #fff3d6; --shadow: 0 18px 50px rgb(54 34 18 / .24), 0 2px 8px rgb(54 34 18 / .12);
  --font: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  position: fixed; inset: auto 24px 24px auto; z-index: 2147483000;
  font: 400 15px/1.5 var(--font); color: var(--ink); color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :host {
    --accent: #b9440d; --accent-strong: #d2561b; --link: #ffb085;
    --surface: #1d1916; --raised: #28231f; --bubble: #302a25; --line: #423a33; --control: #8f8377;
    --ink: #f6efe7; --quiet: #bdb0a3; --head: #120f0d;
    --good: #63cf97; --warn: #ffd27a; --warn-surface: #3a2f17; --shadow: 0 18px 50px rgb(0 0 0 / .6), 0 0 0 1px #3a322c;
  }
}
* { box-sizing: border-box; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; }
[hidden] { display: none !important; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.sr { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.icon { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; flex: none; }

.launcher { display: flex; align-items: center; gap: 10px; height: 56px; padding: 0 22px 0 18px; border: 0; border-radius: 28px; background: var(--accent); color: var(--on-accent); font-weight: 600; box-shadow: var(--shadow); transition: transform .16s ease, background .16s ease; }
.launcher:hover { background: var(--accent-strong); transform: translateY(-2px); }
:host([open]) .launcher { display: none; }

.panel { display: flex; flex-direction: column; width: 400px; height: min(680px, calc(100vh - 48px)); overflow: hidden; border-radius: 20px; background: var(--surface); box-shadow: var(--shadow); animation: rise .22s cubic-bezier(.2, .8, .3, 1); }
.head { display: flex; align-items: center; gap: 12px; padding: 14px 12px 14px 16px; background: var(--head); color: var(--on-head); }
.mark { display: grid; place-items: center; width: 40px; height: 40px; border-radius: 13px; background: linear-gradient(150deg, #f08a3c, #c2410c); color: #fff; }
.names { flex: 1; min-width: 0; }
.title { margin: 0; font-size: 16px; line-height: 1.25; font-weight: 650; letter-spacing: -.005em; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.speaker { display: flex; align-items: center; gap: 7px; margin: 2px 0 0; font-size: 13px; line-height: 1.3; color: var(--on-head-quiet); }
.speaker::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: #f2b544; flex: none; }
[data-connection=online] .speaker::before { background: #57d394; }
[data-connection=offline] .speaker::before { background: #ff8f7a; }
.quiet { color: inherit; display: grid; place-items: center; width: 40px; height: 40px; padding: 0; border: 0; border-radius: 12px; background: none; }
.head .quiet + .quiet { margin-left: -12px; }
.head .quiet:hover { background: rgb(255 255 255 / .12); }
.head :focus-visible { outline-color: #ffb085; }

.log { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 18px 16px 8px; display: flex; flex-direction: column; gap: 6px; scroll-behavior: smooth; }
.log:focus-visible { outline-offset: -3px; }
.log > :first-child { margin-top: auto; }
.message { display: flex; flex-direction: column; align-items: flex-start; max-width: 100%; animation: rise .2s ease; }
.message[data-role=customer] { align-items: flex-end; }
.who:not(.sr) { margin: 8px 4px 3px; font-size: 12.5px; font-weight: 600; color: var(--quiet); }
.bubble { margin: 0; max-width: 84%; padding: 9px 14px; border-radius: 18px 18px 18px 6px; background: var(--bubble); white-space: pre-wrap; overflow-wrap: anywhere; }
[data-role=customer] .bubble { border-radius: 18px 18px 6px 18px; background: var(--accent); color: var(--on-accent); }
[data-role=agent] .bubble { background: var(--raised); box-shadow: inset 0 0 0 1.5px var(--good); }
[data-role=system] .bubble { background: var(--warn-surface); box-shadow: inset 3px 0 0 var(--warn); border-radius: 12px; }
[data-state=sending] .bubble, [data-state=waiting] .bubble { opacity: .78; }
[data-state=refused] .bubble { background: none; color: var(--ink); box-shadow: inset 0 0 0 1.5px var(--warn); }
.status { font-size: 12.5px; color: var(--quiet); text-align: right; }
.note { align-self: center; margin: 10px 12px; padding: 5px 12px; border-radius: 12px; background: var(--bubble); color: var(--quiet); font-size: 13px; text-align: center; }
.link { padding: 4px; margin: 0; min-height: 24px; border: 0; background: none; color: var(--link); font-size: 13px; text-decoration: underline; text-underline-offset: 3px; text-decoration-thickness: 1px; }
.link:hover { text-decoration-thickness: 2px; }

.choices { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 4px; }
.choice { min-height: 40px; padding: 6px 15px; border: 1.5px solid var(--link); border-radius: 20px; background: var(--raised); color: var(--link); font-weight: 600; font-size: 14px; text-align: left; transition: background .14s ease, color .14s ease; }
.choice:hover { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }

.cards { display: flex; flex-direction: column; gap: 10px; width: 100%; margin: 8px 0 4px; padding: 0; list-style: none; }
.card { padding: 14px; border: 1px solid var(--line); border-radius: 16px; background: var(--raised); box-shadow: 0 1px 3px rgb(54 34 18 / .07); }
.card-head { display: flex; align-items: center; gap: 10px; }
.card-icon { display: grid; place-items: center; width: 34px; height: 34px; border-radius: 11px; background: var(--bubble); color: var(--link); flex: none; }
.card-title { flex: 1; min-width: 0; line-height: 1.3; overflow-wrap: anywhere; font-weight: 650; }
.card-link { color: var(--link); text-underline-offset: 3px; }
.card-number { padding: 2px 8px; border-radius: 8px; background: var(--bubble); color: var(--quiet); font-size: 12.5px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.progress { margin-top: 12px; }
.progress-name { display: flex; justify-content: space-between; margin: 0 0 6px; font-size: 13.5px; }
.progress-name span { color: var(--quiet); }
.steps { display: flex; gap: 5px; margin: 0; padding: 0; list-style: none; }
.step { flex: 1; height: 6px; border-radius: 3px; background: var(--line); }
.step.done { background: var(--good); }
.badge { display: inline-block; margin: 12px 0 0; padding: 3px 10px; border-radius: 9px; background: var(--warn-surface); color: var(--warn); font-size: 13px; font-weight: 600; }
.lines { margin: 10px 0 0; padding: 0; list-style: none; font-size: 14px; color: var(--quiet); }
.facts { display: flex; flex-wrap: wrap; gap: 8px 22px; margin: 12px 0 0; padding-top: 11px; border-top: 1px solid var(--line); }
.facts dt { font-size: 12px; color: var(--quiet); }
.facts dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }

.typing { padding: 0 16px 8px; }
.dots { display: inline-flex; gap: 5px; padding: 12px 15px; border-radius: 18px 18px 18px 6px; background: var(--bubble); }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: var(--quiet); animation: hop 1.1s infinite; }
.dots i:nth-child(2) { animation-delay: .15s; } .dots i:nth-child(3) { animation-delay: .3s; }
.notice { margin: 0; padding: 8px 16px; background: var(--warn-surface); color: var(--ink); font-size: 13.5px; }
.again { margin-left: 6px; padding: 4px 12px; border: 1.5px solid var(--link); border-radius: 14px; background: none; color: var(--link); font-weight: 600; }

.composer { display: grid; grid-template-columns: 1fr auto; gap: 8px; align-items: end; padding: 10px 12px 12px; border-top: 1px solid var(--line); background: var(--surface); }
.input { resize: none; width: 100%; min-height: 44px; max-height: 132px; padding: 10px 14px; border: 1.5px solid var(--control); border-radius: 22px; background: var(--raised); line-height: 1.45; }
.input::placeholder { color: var(--quiet); opacity: 1; }
.input:focus-visible { outline-offset: 0; outline-width: 2px; border-color: var(--link); }
.send { display: grid; place-items: center; width: 44px; height: 44px; padding: 0; border: 0; border-radius: 50%; background: var(--accent); color: var(--on-accent); transition: background .14s ease; }
.send:hover:enabled { background: var(--accent-strong); }
.send:disabled { background: var(--bubble); color: var(--quiet); cursor: default; }
.counter { grid-column: 1 / -1; margin: 0 6px; font-size: 13px; color: var(--quiet); }
.counter.over { color: var(--warn); font-weight: 600; }

.why { width: min(540px, calc(100vw - 24px)); max-height: min(760px, calc(100vh - 32px)); padding: 0; border: 0; border-radius: 20px; background: var(--surface); color: var(--ink); box-shadow: var(--shadow); overflow: hidden; }
.why[open] { display: flex; flex-direction: column; }
.why::backdrop { background: rgb(28 18 10 / .55); }
.why-head { display: flex; align-items: center; justify-content: space-between; padding: 12px 12px 10px 22px; border-bottom: 1px solid var(--line); }
.why-head h3 { margin: 0; font-size: 18px; }
.why-head .quiet:hover { background: var(--bubble); }
.why-body { overflow-y: auto; padding: 16px 22px 24px; }
.plain { margin: 0; padding: 12px 15px; border-radius: 14px; background: var(--bubble); overflow-wrap: anywhere; }
.why-part h4 { margin: 20px 0 6px; font-size: 13px; font-weight: 650; color: var(--quiet); }
.why-part p { margin: 0; }
.pairs { margin: 0; }
.pairs > div { display: grid; grid-template-columns: 9.5em 1fr; gap: 12px; padding: 5px 0; border-bottom: 1px solid var(--line); }
.pairs > div:last-child { border: 0; }
.pairs dt { color: var(--quiet); overflow-wrap: anywhere; }
.pairs dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.meter { display: block; }
.bar { display: block; height: 5px; margin-top: 4px; border-radius: 3px; background: linear-gradient(to right, var(--good) var(--share), var(--line) var(--share)); }
.purpose { display: inline-block; margin: 0 0 0 8px; padding: 1px 8px; border-radius: 8px; background: var(--bubble); color: var(--quiet); font-size: 12.5px; font-style: normal; white-space: nowrap; }
.checks { margin: 0; padding: 0; list-style: none; font-size: 14px; }
.checks li { display: flex; gap: 10px; align-items: baseline; padding: 4px 0; }
.checks code { font-size: 13px; overflow-wrap: anywhere; }
.verdict { flex: none; width: 7.2em; font-size: 12.5px; color: var(--quiet); }
.holds .verdict { color: var(--good); font-weight: 600; }
.why .lines { margin: 0; color: var(--ink); overflow-wrap: anywhere; }

@keyframes rise { from { opacity: 0; transform: translateY(8px); } }
@keyframes hop { 0%, 60%, 100% { transform: none; } 30% { transform: translateY(-4px); } }
@media (max-width: 560px) {
  :host { inset: auto 16px 16px auto; }
  .panel { position: fixed; inset: 0; width: 100%; height: 100dvh; border-radius: 0; animation: none; }
  .input { font-size: 16px; }
  .pairs > div { grid-template-columns: 7em 1fr; }
  .purpose { margin-left: 0; }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
}
`;

export const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
