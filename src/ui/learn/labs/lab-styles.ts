import { css } from "lit";

/** What the experiments of Learn share. */
export const labStyles = css`
  .row { display: flex; flex-wrap: wrap; gap: var(--k-space-3); align-items: center; }
  .said { font-size: var(--k-text-md); line-height: 1.5; text-wrap: pretty; min-height: 3em; }
  .said b { font-variant-numeric: tabular-nums; }
  .warm { color: var(--k-heat-text-warm); }
  .cold { color: var(--k-heat-text-cold); }
  :host { font-size: var(--k-text-sm); line-height: 1.45; }
  label { display: grid; grid-template-columns: auto 1fr; gap: 0.2rem 0.5rem; color: var(--k-ink-2); }
  label output { font-weight: var(--k-weight-bold); color: var(--k-ink); }
  input[type="range"] { grid-column: 1 / -1; width: 100%; min-height: 1.75rem; accent-color: var(--k-ink); }
  svg { display: block; width: 100%; overflow: visible; }
  text { font-size: 12px; fill: var(--k-ink-3); font-variant-numeric: tabular-nums; }
  text.strong { fill: var(--k-ink); font-weight: 600; }
  .axis { stroke: var(--k-line-strong); }
  .grid { stroke: var(--k-grid); }
  .curve { fill: none; stroke: var(--k-ink); stroke-width: 2.2; stroke-linejoin: round; }
`;
