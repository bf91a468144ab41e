import { css } from "lit";

/** The forms in which a visitor writes a task or a pair. */
export const draftForm = css`
  form { display: grid; gap: var(--k-space-4); padding: 0.4rem var(--k-space-5) var(--k-space-5); }
  label, .label { display: grid; gap: 0.2rem; font-weight: var(--k-weight-medium); }
  wa-select { max-width: 14rem; font-size: var(--k-text-sm); }
  wa-select::part(label) { color: inherit; font-weight: var(--k-weight-medium); }
  .meaning { font-weight: var(--k-weight); color: var(--k-ink-3); font-size: var(--k-text-xs); }
  .go { display: flex; flex-wrap: wrap; gap: var(--k-space-4); align-items: center; }
`;
