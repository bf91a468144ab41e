import { css } from "lit";

/** Large type that grows with the window; everything fits a projector without scrolling. */
export const presentationStyles = css`
  :host { --gap: clamp(0.8rem, 1.7vw, 2.2rem); grid-template: "bar" auto "notes" auto "main" minmax(0, 1fr) "keys" auto / minmax(0, 1fr); min-height: 100vh; min-height: 100dvh; padding: clamp(1rem, 2.2vw, 2.6rem) clamp(1rem, 3vw, 3.6rem) clamp(0.8rem, 1.4vw, 1.6rem); background: var(--k-bg); color: var(--k-ink); font: var(--k-weight) clamp(1rem, 1.35vw, 1.6rem) / 1.4 var(--k-font-sans); }
  header, main { margin-bottom: var(--gap); }
  header { grid-area: bar; display: flex; align-items: center; gap: 2.5vw; white-space: nowrap; }
  .brand { display: flex; align-items: center; gap: 0.4em; font-size: 1.15em; font-weight: var(--k-weight-bold); letter-spacing: var(--k-tracking-tight); }
  .mark { width: 1.5em; height: 1.5em; }
  .path { flex: 1; display: flex; justify-content: center; gap: 0.2em; }
  .path li { padding: 0.28em 0.85em; color: var(--k-ink-3); border-radius: var(--k-radius-2); }
  .path .done { color: var(--k-ink); }
  .path .absent { text-decoration: line-through; }
  .path .now { background: var(--k-invert); color: var(--k-on-invert); font-weight: var(--k-weight-bold); }
  .step { color: var(--k-ink-2); }
  .step b { color: var(--k-ink); }
  .notes { grid-area: notes; display: grid; gap: 0.6em; margin-bottom: var(--gap); }
  .notes:empty { display: none; }
  main { grid-area: main; display: grid; grid-template: "task accuracy" minmax(0, 1fr) "attempts attempts" auto "caption caption" auto / minmax(0, 1fr) minmax(0, 1.1fr); gap: clamp(0.8rem, 1.5vw, 2rem) 4vw; min-height: 0; }
  main:focus { outline: none; box-shadow: none; }
  h1 { font-size: 3.2em; line-height: 1.05; letter-spacing: -0.03em; text-wrap: balance; }
  h2 { display: flex; gap: 0.6em; align-items: baseline; font-size: 1em; font-weight: var(--k-weight); color: var(--k-ink-2); margin-bottom: 0.4em; }
  h2 .type { color: var(--k-ink); font-weight: var(--k-weight-bold); }
  .type .icon { width: 0.9em; height: 0.9em; }
  .task { grid-area: task; display: flex; flex-direction: column; min-width: 0; }
  kelvin-code-listing { --code-size: 1.7em; --code-gutter: 1.2em; --code-mark: 0.6em; margin-block: auto; }
  kelvin-code-listing.small { --code-size: 1.25em; }
  .ask { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.2em 0.8em; padding-top: 0.4em; border-top: 1px solid var(--k-line); font-size: 1.5em; overflow-wrap: anywhere; }
  .asked { display: block; }
  .ruling { display: inline-flex; align-items: center; gap: 0.35em; margin-left: auto; font: var(--k-weight-medium) 0.65em / 1 var(--k-font-sans); }
  .ruling .icon { width: 1em; height: 1em; stroke-width: 2.4; }
  .valid { color: var(--k-ok); }
  .refused { color: var(--k-danger); }
  .accuracy { grid-area: accuracy; display: flex; flex-direction: column; min-height: 0; min-width: 0; }
  .big b { font-size: 2.7em; line-height: 1; letter-spacing: -0.03em; margin-right: 0.1em; }
  .accuracy kelvin-line-chart { flex: 1; min-height: 9rem; --chart-height: auto; margin-top: 0.4em; }
  .attempts { grid-area: attempts; }
  .attempts ul { display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 0.5em; }
  .attempts li { display: grid; justify-items: center; align-content: space-between; gap: 0.1em; min-width: 0; padding: 0.55em 0.3em 0.5em; border: 1px solid transparent; border-radius: var(--k-radius-2); background: var(--heat); color: var(--on-heat); }
  .attempts li.plain { background: var(--k-surface); color: var(--k-ink); border: 1px dashed var(--k-line-strong); }
  .verdict { display: inline-flex; align-items: center; gap: 0.35em; font-size: 0.8em; min-height: 1.4em; white-space: nowrap; }
  .verdict .icon { width: 0.9em; height: 0.9em; stroke-width: 2.4; }
  .attempts b { max-width: 100%; font-size: 1.9em; line-height: 1.2; white-space: pre-wrap; word-break: break-all; }
  .attempts b.medium { font-size: 1.2em; }
  .attempts b.small { font-size: 0.8em; }
  .foot { font-size: 0.9em; font-weight: 600; text-align: center; }
  .plain .foot { font-size: 0.75em; font-weight: var(--k-weight); color: var(--k-ink-2); }
  .none { color: var(--k-ink-3); padding: 1em 0; }
  .caption { grid-area: caption; font-size: 1.45em; line-height: 1.3; letter-spacing: var(--k-tracking-tight); min-height: 1.3em; text-wrap: balance; }
  .warm { color: var(--k-heat-text-warm); }
  .cold { color: var(--k-heat-text-cold); }
  .ready { grid-template: none; align-content: center; gap: 1.2em; max-width: 46em; }
  .ready > p { font-size: 1.3em; color: var(--k-ink-2); text-wrap: pretty; }
  .said p:has(.button) { margin-top: 0.4em; }
  .said .button { min-height: 2.75rem; font-size: var(--k-text-md); }
  footer { grid-area: keys; display: flex; flex-wrap: wrap; gap: var(--k-space-4); }
  footer button { display: inline-flex; align-items: center; gap: 0.5rem; min-height: 2.75rem; padding: 0 0.9rem; border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-2); background: none; font-size: var(--k-text-md); font-weight: var(--k-weight-medium); white-space: nowrap; }
  footer button:hover { background: var(--k-hover); }
  footer button:disabled { color: var(--k-ink-3); border-color: var(--k-line); background: none; cursor: default; }
  footer .right { margin-left: auto; }
  kbd { font: 600 0.85em var(--k-font-mono); border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-1); padding: 0.1em 0.4em; }
  @media (min-width: 901px) { .notes .said { grid-template-columns: auto 1fr auto; gap: 0 0.6rem; padding-block: 0.4em; } .notes .said p:has(.button) { grid-area: 1 / 3 / 3; align-self: center; margin: 0; } }
  @media (max-width: 900px) {
    header { flex-wrap: wrap; gap: 0.5rem 1rem; }
    .path { order: 3; flex-basis: 100%; flex-wrap: wrap; justify-content: flex-start; }
    .path li { padding: 0.15em 0.5em; }
    .step { margin-left: auto; }
    main { grid-template: "task" auto "attempts" auto "caption" auto "accuracy" auto / minmax(0, 1fr); }
    .attempts ul { grid-template-columns: repeat(4, minmax(0, 1fr)); }
    h1 { font-size: 2.2em; }
    kelvin-code-listing { --code-size: 1.2em; }
    footer .right { margin-left: 0; }
  }
`;
