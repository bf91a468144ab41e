import { css } from "lit";

/** Base rules of every shadow root: box sizing, focus ring, numbers, code font. */
export const base = css`
  *, *::before, *::after { box-sizing: border-box; }
  :host { display: block; min-width: 0; }
  :host([hidden]) { display: none; }
  h1, h2, h3, p, ul, ol, dl, dd, pre, figure { margin: 0; padding: 0; }
  ul, ol { list-style: none; }
  button, select, input { font: inherit; color: inherit; }
  button { cursor: pointer; }
  b { font-weight: var(--k-weight-bold); }
  .number { font-variant-numeric: tabular-nums; }
  .code { font-family: var(--k-font-mono); }
  .quiet { color: var(--k-ink-3); }
  .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .icon { width: 1rem; height: 1rem; flex: none; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
  .icon .solid { fill: currentColor; stroke: none; }
  :focus-visible { outline: 3px solid var(--k-focus); outline-offset: 2px; box-shadow: 0 0 0 2px var(--k-focus-gap); border-radius: var(--k-radius-1); }
`;

/** Buttons; heat colours only controls that show a reward. */
export const buttons = css`
  .button {
    display: inline-flex; align-items: center; justify-content: center; gap: 0.4rem; height: var(--k-target); padding: 0 0.75rem;
    border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-2); background: transparent;
    font-weight: var(--k-weight-medium); white-space: nowrap; text-decoration: none; color: inherit;
  }
  .button:hover { background: var(--k-hover); }
  .button:active { background: var(--k-press); }
  .button.primary { background: var(--k-invert); color: var(--k-on-invert); border-color: var(--k-invert); min-width: 5.5rem; }
  .button.primary:hover { background: var(--k-ink-2); }
  .button:disabled { color: var(--k-ink-3); border-color: var(--k-line); background: none; cursor: default; }
  .button.bare { width: var(--k-target); padding: 0; border-color: transparent; }
`;

/** Cards: a hairline, no shadow. */
export const cards = css`
  .card { display: flex; flex-direction: column; min-width: 0; height: 100%; background: var(--k-surface); border: 1px solid var(--k-line); border-radius: var(--k-radius-3); }
  .card > header { display: flex; align-items: center; gap: var(--k-space-4); padding: 0.55rem var(--k-space-5) 0; }
  .card h2 { display: flex; align-items: center; gap: 0.5rem; font-size: var(--k-text-sm); font-weight: var(--k-weight-bold); white-space: nowrap; }
  .card > header > p { margin-left: auto; font-size: var(--k-text-xs); color: var(--k-ink-3); text-align: right; }
  .card > footer { display: flex; flex-wrap: wrap; align-items: center; gap: var(--k-space-3); margin-top: auto; padding: 0.5rem var(--k-space-5); border-top: 1px solid var(--k-line); min-height: 2.5rem; }
  .note { color: var(--k-ink-3); font-size: var(--k-text-xs); margin-right: auto; }
`;

/** Colour, glyph and dash of the task types; always use the glyph with the colour. */
export const types = css`
  .deduction { --type: var(--k-type-deduction); }
  .abduction { --type: var(--k-type-abduction); }
  .induction { --type: var(--k-type-induction); }
  .integration { --type: var(--k-type-integration); }
  .type { display: inline-flex; align-items: center; gap: 0.3rem; white-space: nowrap; }
  .type .icon { color: var(--type); stroke-width: 2.2; }
  .role { display: inline-block; width: 0.62rem; height: 0.62rem; flex: none; }
  .role.proposer { background: var(--k-role-proposer); transform: rotate(45deg) scale(0.9); }
  .role.solver { border: 2.5px solid var(--k-role-solver); border-radius: 50%; }
  .role.verifier { border: 2.5px solid var(--k-ink-3); }
`;

/** Sets --heat and --on-heat from data-heat. */
export const heatColors = css`
  [data-heat="cold-4"] { --heat: var(--k-heat-cold-4); --on-heat: var(--k-on-heat-cold-4); }
  [data-heat="cold-3"] { --heat: var(--k-heat-cold-3); --on-heat: var(--k-on-heat-cold-3); }
  [data-heat="cold-2"] { --heat: var(--k-heat-cold-2); --on-heat: var(--k-on-heat-cold-2); }
  [data-heat="cold-1"] { --heat: var(--k-heat-cold-1); --on-heat: var(--k-on-heat-cold-1); }
  [data-heat="zero"] { --heat: var(--k-heat-zero); --on-heat: var(--k-on-heat-zero); }
  [data-heat="warm-1"] { --heat: var(--k-heat-warm-1); --on-heat: var(--k-on-heat-warm-1); }
  [data-heat="warm-2"] { --heat: var(--k-heat-warm-2); --on-heat: var(--k-on-heat-warm-2); }
  [data-heat="warm-3"] { --heat: var(--k-heat-warm-3); --on-heat: var(--k-on-heat-warm-3); }
  [data-heat="warm-4"] { --heat: var(--k-heat-warm-4); --on-heat: var(--k-on-heat-warm-4); }
`;

/** Python highlighting. */
export const syntax = css`
  .keyword { color: var(--k-syn-keyword); font-weight: 600; }
  .number-literal { color: var(--k-syn-number); }
  .builtin { color: var(--k-syn-builtin); }
  .value { color: var(--k-syn-value); }
  .punctuation { color: var(--k-syn-punct); }
`;

/** Form fields. */
export const fields = css`
  select, input { height: var(--k-target); border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-2); background: var(--k-surface); padding: 0 0.5rem; min-width: 0; }
  select:disabled, input:disabled { color: var(--k-ink-3); border-color: var(--k-line); }
`;

/** Thin progress bars. */
export const progressBars = css`
  progress { appearance: none; display: block; width: 100%; height: 3px; border: 0; background: var(--k-line); border-radius: 2px; overflow: hidden; }
  progress::-webkit-progress-bar { background: var(--k-line); }
  progress::-webkit-progress-value { background: var(--k-ink); }
  progress::-moz-progress-bar { background: var(--k-ink); }
`;

/** Notes in place: an icon, a sentence, and the buttons below it. */
export const notes = css`
  .said { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.2rem 0.6rem; padding: var(--k-space-4); border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-2); background: var(--k-surface); }
  .said .icon { margin-top: 0.15rem; }
  .said.failure { border-color: var(--k-danger); }
  .said.failure > .icon { color: var(--k-danger); }
  .said.caution > .icon { color: var(--k-caution); }
  .said p { grid-column: 2; overflow-wrap: anywhere; color: var(--k-ink-2); }
  .said .first { color: var(--k-ink); font-weight: var(--k-weight-medium); }
`;
