/** Style of the report: the page's colours, light or dark by the reader's setting, always light on paper. */
export const REPORT_STYLE = `
:root { color-scheme: light; --ink: #17181a; --quiet: #63656a; --line: #dedbd5; --page: #f4f3f0; --card: #fff; --deduction: #4f2bac; --abduction: #067d5f; --induction: #d84d99; --integration: #8a5a00; }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; --ink: #f1f0ec; --quiet: #949aa3; --line: #282d34; --page: #0d0f12; --card: #15181c; --deduction: #967af0; --abduction: #50d2a7; --induction: #ffc8e1; --integration: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; letter-spacing: -0.02em; margin: 0 0 0.4rem; } h2 { font-size: 1.05rem; margin: 2.2rem 0 0.6rem; }
p { margin: 0.3rem 0; } .quiet { color: var(--quiet); font-size: 0.87rem; }
.deduction { color: var(--deduction); } .abduction { color: var(--abduction); } .induction { color: var(--induction); } .integration { color: var(--integration); } .all { color: var(--quiet); }
.wide { overflow-x: auto; margin: 0 0 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: 0.4rem 0.9rem; text-align: right; border-top: 1px solid var(--line); } td { white-space: nowrap; } th { vertical-align: bottom; } tr:first-child th { border-top: 0; } th:first-child, td:first-child { text-align: left; } th { font-size: 0.87rem; }
.accuracy svg { display: block; min-width: 34rem; width: 100%; height: auto; }
.accuracy rect { fill: none; } .accuracy text { fill: var(--quiet); } .accuracy text.title { fill: var(--ink); } .accuracy line { stroke: var(--line); } .accuracy g text { fill: currentColor; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; margin-bottom: 0.6rem; } .legend span { display: flex; align-items: center; gap: 0.5rem; } .legend svg { width: 2rem; height: 0.6rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; padding: 0.8rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; display: grid; gap: 0.4rem; align-content: space-between; }
figcaption b, figcaption span { display: block; }
figure svg { display: block; width: 100%; height: auto; }
pre { margin: 0; padding: 0.8rem 0.9rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; font: 13px/1.55 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 40rem) { th, td { padding: 0.4rem 0.6rem; } }
@media print { @page { margin: 15mm; } body { padding: 0; max-width: none; background: #fff; } .wide { overflow: visible; } th, td { padding: 0.3rem 0.6rem; } .accuracy svg { min-width: 0; } .figures { grid-template-columns: 1fr 1fr; } figure, .wide, pre, tr { break-inside: avoid; } h2 { break-after: avoid; } * { print-color-adjust: exact; } }`;
