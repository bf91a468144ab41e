import { css } from "lit";

/** Styles shared by the experiments of Learn. */
export const labStyles = css`
  .row { display: flex; flex-wrap: wrap; gap: var(--k-space-3); align-items: center; }
  .said { font-size: var(--k-text-md); line-height: 1.5; text-wrap: pretty; min-height: 3em; }
  .said b { font-variant-numeric: tabular-nums; }
  .warm { color: var(--k-heat-text-warm); }
  .cold { color: var(--k-heat-text-cold); }
  :host { font-size: var(--k-text-sm); line-height: 1.45; }
  wa-slider { font-size: var(--k-text-sm); }
  svg { display: block; width: 100%; overflow: visible; }
  text { font-size: 12px; fill: var(--k-ink-3); font-variant-numeric: tabular-nums; }
  text.strong { fill: var(--k-ink); font-weight: 600; }
  .axis { stroke: var(--k-line-strong); }
  .grid { stroke: var(--k-grid); }
  .curve { fill: none; stroke: var(--k-ink); stroke-width: 2.2; stroke-linejoin: round; }
`;
