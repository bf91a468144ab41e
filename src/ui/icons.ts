import { html, type TemplateResult } from "lit";
import { unsafeSVG } from "lit/directives/unsafe-svg.js";
import type { TaskType } from "../contracts";

/** Strokes in a 20 × 20 box; `solid` parts are filled. Decoration only: the word beside an icon has the meaning. */
const PATHS = {
  play: '<circle cx="10" cy="10" r="7.2"/><path class="solid" d="M8.3 6.9v6.2l5-3.1z"/>',
  tasks: '<path d="M3 5h14M3 10h14M3 15h9"/>',
  compare: '<path d="M3 4h5.5v12H3zM11.5 4H17v12h-5.5z"/>',
  runs: '<path d="M3 14.5c3 0 3-9 7-9s2.5 5 7 5"/><path d="M3 17.2h14"/>',
  learn:
    '<path d="M10 5.5C8 3.8 5.3 3.6 3 4v11.5c2.3-.4 5-.2 7 1.5 2-1.7 4.7-1.9 7-1.5V4c-2.3-.4-5-.2-7 1.5zM10 5.5V17"/>',
  start: '<path class="solid" d="M6 3.5v13l10-6.5z"/>',
  pause: '<path class="solid" d="M5.5 4h3v12h-3zm6 0h3v12h-3z"/>',
  step: '<path class="solid" d="M4 4v12l8-6z"/><path d="M15.5 4.2v11.6"/>',
  reset: '<path d="M4.4 8.2A6 6 0 1 1 4 11.4M4.2 3.8v4.5h4.5"/>',
  settings: '<path d="M3 6h8m4 0h2M3 14h2m4 0h8"/><circle cx="13" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>',
  theme: '<circle cx="10" cy="10" r="6.5"/><path class="solid" d="M10 3.5a6.5 6.5 0 0 1 0 13z"/>',
  present: '<path d="M3 4h14v9.500H3zM10 13.500V17m-3.500 0h7"/>',
  previous: '<path d="m12 5-5 5 5 5"/>',
  next: '<path d="m8 5 5 5-5 5"/>',
  follow: '<circle cx="10" cy="10" r="6.2"/><circle class="solid" cx="10" cy="10" r="2.4"/>',
  close: '<path d="m5 5 10 10M15 5 5 15"/>',
  right: '<path d="m4 10.5 4 4 8-9"/>',
  wrong: '<path d="m5 5 10 10M15 5 5 15"/>',
  none: '<circle cx="10" cy="10" r="6.5"/><path d="m5.5 14.5 9-9"/>',
  pending: '<path d="M5 10h.01M10 10h.01M15 10h.01"/>',
  question: '<circle cx="10" cy="10" r="7"/><path d="M7.8 8.1c.2-2.7 4.5-2.6 4.4 0 0 1.6-2.2 1.7-2.2 3.3m0 2.4v.5"/>',
  shield: '<path d="M10 2.8 16 5v4.6c0 3.6-2.4 6.2-6 7.6-3.6-1.4-6-4-6-7.600V5z"/><path d="m7.3 9.8 2 2 3.6-4"/>',
  caution: '<path d="M10 3.5 17.5 16.500h-15zM10 8.500v3.500m0 2v.2"/>',
  deduction: '<path d="M3 10h13m-4.5-4.500L16 10l-4.5 4.5"/>',
  abduction: '<path d="M17 10H4m4.5-4.500L4 10l4.5 4.5"/>',
  induction: '<path d="M13.5 4c-2.5-.6-3.3.8-3.6 3l-1.2 7c-.3 2-1.2 2.8-3 2.300M6.5 8.500H13"/>',
  integration: '<path d="M13.8 4.600c-.4-1.500-2.700-1.500-3.100.7L9.300 14.700c-.4 2.200-2.700 2.200-3.100.7"/>',
} as const;

export type IconName = keyof typeof PATHS;

/** An icon in the colour of the surrounding text, hidden from screen readers. */
export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">${unsafeSVG(PATHS[name])}</svg>`;
}

/** Glyph and name of a task type. */
export function typeLabel(type: TaskType, title: string): TemplateResult {
  return html`<span class="type ${type}">${icon(type)}<span>${title}</span></span>`;
}

/** The logo: a column of heat beside an arrow. */
export function brandMark(): TemplateResult {
  return html`<svg class="mark" viewBox="0 0 20 20" aria-hidden="true">
    <defs><linearGradient id="heat" x1="0" y1="1" x2="0" y2="0">
      <stop offset="0" stop-color="var(--k-heat-cold-3)" /><stop offset=".5" stop-color="var(--k-heat-zero)" /><stop offset="1" stop-color="var(--k-heat-warm-3)" />
    </linearGradient></defs>
    <rect x="2" y="1" width="5" height="18" rx="2.5" fill="url(#heat)" />
    <path d="M17 2 9.5 10 17 18" fill="none" stroke="currentColor" stroke-width="2.6" />
  </svg>`;
}
