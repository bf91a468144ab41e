import { css } from "lit";

/** Styles for reading: larger type, about seventy characters per line, wider figures. */
export const learnStyles = css`
  :host { --measure: 41rem; --wide: 50rem; background: var(--k-bg); }
  .layout { display: grid; grid-template-columns: 14rem minmax(0, 1fr); gap: var(--k-space-7); max-width: 72rem; margin-inline: auto; padding: var(--k-space-7) var(--k-space-6) var(--k-space-8); }
  .missing { max-width: 72rem; margin-inline: auto; padding: var(--k-space-5) var(--k-space-6) 0; }
  nav { position: sticky; top: var(--k-space-7); align-self: start; font-size: var(--k-text-sm); }
  nav ul { display: grid; gap: 0.1rem; }
  nav a { display: block; padding: 0.4rem 0.6rem; border-radius: var(--k-radius-2); color: var(--k-ink-2); text-decoration: none; }
  nav a:hover { background: var(--k-hover); color: var(--k-ink); }
  nav a[aria-current] { color: var(--k-ink); font-weight: var(--k-weight-bold); background: var(--k-hover); }
  .contents { margin: 0.15rem 0 0.5rem 0.6rem; border-left: 1px solid var(--k-line); padding-left: 0.3rem; }
  .contents a { padding-block: 0.25rem; font-size: var(--k-text-xs); }
  article { display: grid; gap: var(--k-space-5); justify-items: start; min-width: 0; font-size: 1.0625rem; line-height: 1.62; }
  article > *, section > * { max-width: var(--measure); min-width: 0; width: 100%; }
  section { display: grid; gap: var(--k-space-5); max-width: var(--wide); padding-top: var(--k-space-6); }
  section > figure { max-width: var(--wide); }
  h1 { font-size: 2.5rem; line-height: 1.08; letter-spacing: -0.028em; font-weight: var(--k-weight-bold); text-wrap: balance; max-width: 46rem; }
  h1, h2, dt { scroll-margin-top: var(--k-space-6); }
  :is(h1, h2, dt):focus { outline: none; box-shadow: none; }
  h2 { font-size: 1.5rem; line-height: 1.2; letter-spacing: -0.018em; }
  .lead { font-size: 1.3125rem; line-height: 1.5; color: var(--k-ink-2); text-wrap: pretty; max-width: 44rem; }
  .cite { font-size: var(--k-text-sm); color: var(--k-ink-3); }
  p { text-wrap: pretty; }
  article a { color: inherit; text-decoration-thickness: 1.5px; text-underline-offset: 3px; }
  em { font-style: italic; }
  code { font-family: var(--k-font-mono); font-size: 0.9em; background: var(--k-sunken); padding: 0.1em 0.3em; border-radius: var(--k-radius-1); }
  section > ul, section > ol { display: grid; gap: 0.6rem; padding-left: 1.5rem; }
  section > ul { list-style: disc; }
  section > ol { list-style: decimal; }
  section li { padding-left: 0.2rem; }
  section li::marker { color: var(--k-ink-3); font-variant-numeric: tabular-nums; }
  figure { display: grid; gap: var(--k-space-4); min-width: 0; }
  figcaption { font-size: var(--k-text-sm); line-height: 1.5; color: var(--k-ink-2); max-width: var(--measure); }
  .lab { padding: var(--k-space-6); border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-3); background: var(--k-surface); gap: var(--k-space-5); }
  .lab figcaption { font-size: var(--k-text-md); }
  .lab b { color: var(--k-ink); }
  .formula { padding: var(--k-space-5) var(--k-space-6); border-left: 3px solid var(--k-line-strong); background: var(--k-surface); border-radius: 0 var(--k-radius-3) var(--k-radius-3) 0; max-width: var(--measure); --formula-size: 1.1rem; }
  .formula dl { display: grid; gap: 0.3rem; font-size: var(--k-text-sm); line-height: 1.45; color: var(--k-ink-2); --formula-size: 0.9rem; }
  .formula dl div { display: grid; grid-template-columns: 3.2rem minmax(0, 1fr); gap: 0.6rem; align-items: baseline; }
  .live { display: grid; gap: 0.3rem; padding-top: var(--k-space-4); border-top: 1px solid var(--k-line); }
  .from { font-size: var(--k-text-xs); line-height: 1.4; color: var(--k-ink-3); }
  .waiting { padding-top: var(--k-space-3); border-top: 1px solid var(--k-line); }
  .table { max-width: var(--wide); }
  aside { padding: var(--k-space-5) var(--k-space-6); border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-3); font-size: var(--k-text-md); line-height: 1.55; }
  h3 { font-size: var(--k-text-md); margin-bottom: 0.3rem; }
  .glossary { display: grid; gap: var(--k-space-5); }
  .glossary dt { font-weight: var(--k-weight-bold); }
  .glossary dd { color: var(--k-ink-2); }
  .see { color: var(--k-ink-3); font-size: var(--k-text-sm); }
  @media (max-width: 1000px) {
    .layout { grid-template-columns: minmax(0, 1fr); gap: var(--k-space-5); padding: var(--k-space-5) var(--k-space-5) var(--k-space-8); }
    .missing { padding-inline: var(--k-space-5); }
    nav { position: static; }
    nav > ul { display: flex; flex-wrap: wrap; gap: 0.3rem; }
    nav > ul > li > a { border: 1px solid var(--k-line); min-height: var(--k-target); display: flex; align-items: center; }
    .contents { display: none; }
    article { font-size: 1rem; }
    h1 { font-size: 1.875rem; }
    h2 { font-size: 1.3125rem; }
    .lead { font-size: 1.125rem; }
    .lab, .formula, aside { padding: var(--k-space-5); }
  }
`;
