/** The page's only style sheet: light, dark and paper. Colours keep a contrast of 4.5 to 1 and are never the only sign. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --panel: #f5f6f8; --line: #d5d9e0; --text: #16191f; --soft: #555e6d; --for: #0a6b3d; --against: #b3261e; --open: #80570a; --for-ground: #e6f4ec; --against-ground: #fbe9e7; --open-ground: #fdf3dc; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171c; --panel: #1d2128; --line: #363c47; --text: #e9ecf1; --soft: #a3acba; --for: #6fd3a0; --against: #ff9d94; --open: #f0c46a; --for-ground: #12301f; --against-ground: #3a1614; --open-ground: #33270c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; margin: 0; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .4rem 0; }
.soft { color: var(--soft); font-size: .875rem; }
.kicker { display: flex; justify-content: space-between; gap: 1rem; flex-wrap: wrap; }
.decision { border-inline-start: .5rem solid; padding: .9rem 1.1rem; margin: 1.1rem 0; border-radius: .3rem; }
.decision b { font-size: 1.35rem; letter-spacing: .04em; }
.decision .reason { font-size: 1.1rem; margin: .25rem 0; }
.for { color: var(--for); } .against { color: var(--against); } .open { color: var(--open); }
.decision.for { background: var(--for-ground); } .decision.against { background: var(--against-ground); } .decision.open { background: var(--open-ground); }
.decision p { color: var(--text); }
.axes { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .75rem; }
.axis { background: var(--panel); border: 1px solid var(--line); border-radius: .3rem; padding: .7rem .9rem; }
.axis b { display: block; font-size: 1.1rem; }
.finding { border: 1px solid var(--line); border-radius: .3rem; margin: .75rem 0; padding: .8rem 1rem; break-inside: avoid; }
.finding.decides { border-inline-start: .35rem solid var(--against); }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; margin: .5rem 0; }
.side { background: var(--panel); border-radius: .3rem; padding: .45rem .7rem; overflow-wrap: anywhere; }
.side span { display: block; color: var(--soft); font-size: .75rem; text-transform: uppercase; letter-spacing: .06em; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem; font-size: .8rem; color: var(--soft); margin-inline-end: .35rem; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .15rem 1rem; margin: .5rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: start; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.word, th { overflow-wrap: normal; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.yardstick { border: 1px solid var(--line); border-radius: .3rem; margin: .75rem 0; padding: .8rem 1rem; }
.yardstick .build { overflow-wrap: anywhere; } .yardstick h3 .soft { font-weight: 400; }
.weight { margin: .9rem 0; } .weight h4 { margin: 0 0 .25rem; font-size: .95rem; } .weight h4 .soft { font-weight: 400; }
.differences { list-style: none; margin: 0; padding: 0; }
.differences > li { display: grid; grid-template-columns: 1.4rem 1fr; padding: .25rem 0; border-top: 1px solid var(--line); break-inside: avoid; }
.differences .mark { font-weight: 700; } .differences .change { font-weight: 600; font-size: .875rem; }
.differences .added .mark, .differences .changed .mark, .differences .added .change, .differences .changed .change { color: var(--against); }
.differences .removed .mark, .differences .moved .mark, .differences .removed .change, .differences .moved .change { color: var(--open); }
.differences .tag { margin-inline-start: .4rem; } .paths { margin: .2rem 0; padding-inline-start: 1.1rem; font-size: .875rem; }
tr.matters code { font-weight: 700; }
code { font: .8rem/1.4 ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
details > summary { cursor: pointer; color: var(--soft); padding: .3rem 0; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .75rem; }
@media (max-width: 40rem) { .sides { grid-template-columns: 1fr; } main { padding: 1rem .8rem 3rem; } dl { grid-template-columns: 1fr; } dt { margin-top: .3rem; } }
@media print { :root { --ground: #fff; --panel: #fff; --line: #999; --text: #000; --soft: #333; --for: #000; --against: #000; --open: #000; --for-ground: #fff; --against-ground: #fff; --open-ground: #fff; } main { max-width: none; padding: 0; } body { font-size: 10.5pt; } details::details-content { content-visibility: visible; block-size: auto; } .decision { border: 2pt solid #000; border-inline-start-width: 8pt; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
`;
