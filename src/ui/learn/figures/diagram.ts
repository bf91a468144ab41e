/** Boxes and arrows for the pictures of the loops. */
import { css, type SVGTemplateResult, svg } from "lit";
import type { Phase } from "../../../contracts";

/** A picture of a loop, in the units of its drawing. */
export interface Figure {
  readonly width: number;
  readonly height: number;
  /** The picture in words. */
  readonly label: string;
  /** @param lit the phase that is on */
  draw(lit: Phase | null): SVGTemplateResult;
}

/** A box, in the units of the drawing. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly title: string;
  readonly note?: string;
  /** The phase that happens here; the box is lit during it. */
  readonly phase?: Phase;
  /** Its number in the loop. */
  readonly number?: number;
}

/** Draws a box, lit during its phase. */
export function box({ x, y, w, h, title, note, phase, number }: Box, lit: Phase | null): SVGTemplateResult {
  const middle = y + h / 2;
  const on = phase !== undefined && phase === lit ? "on" : "";
  return svg`<g class="box ${on}">
    <rect x=${x} y=${y} width=${w} height=${h} rx="8"/>
    <text class="title" x=${x + w / 2} y=${note ? middle - 4 : middle + 5} text-anchor="middle">${title}</text>
    ${note ? svg`<text class="note" x=${x + w / 2} y=${middle + 15} text-anchor="middle">${note}</text>` : ""}
    ${number === undefined ? "" : svg`<g class="number"><circle cx=${x} cy=${y} r="11"/><text x=${x} y=${y + 4.5} text-anchor="middle">${number}</text></g>`}
  </g>`;
}

/** An arrow along straight parts, with a label at the given place. */
export function arrow(
  d: string,
  label = "",
  at: readonly [number, number] = [0, 0],
  anchor = "middle",
): SVGTemplateResult {
  const text = label === "" ? "" : svg`<text class="label" x=${at[0]} y=${at[1]} text-anchor=${anchor}>${label}</text>`;
  return svg`<path class="arrow" d=${d} marker-end="url(#head)"/>${text}`;
}

/** The arrow head; once per picture. */
export const HEAD = svg`<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0.500 7 4 0 7.500z" fill="context-stroke"/></marker></defs>`;

/** Styles of the elements that draw loops. */
export const diagramStyles = css`
  .frame { overflow-x: auto; }
  .frame:focus-visible { outline-offset: 2px; }
  svg.diagram { display: block; width: 100%; min-width: 40rem; height: auto; }
  .box rect { fill: var(--k-surface); stroke: var(--k-line-strong); stroke-width: 1.25; transition: fill var(--k-dur-2) var(--k-ease-out); }
  .box .title { font: 600 14px var(--k-font-sans); fill: var(--k-ink); }
  .box .note { font: 12px var(--k-font-sans); fill: var(--k-ink-3); }
  .box .number circle { fill: var(--k-ink); }
  .box .number text { font: 600 12px var(--k-font-sans); fill: var(--k-bg); }
  .box.on rect { fill: var(--k-invert); stroke: var(--k-invert); }
  .box.on .title, .box.on .note { fill: var(--k-on-invert); }
  .box.on .number circle { fill: var(--k-on-invert); stroke: var(--k-invert); stroke-width: 1.5; }
  .box.on .number text { fill: var(--k-invert); }
  .arrow { fill: none; stroke: var(--k-line-strong); stroke-width: 1.75; stroke-linejoin: round; }
  .label { font: 12px var(--k-font-sans); fill: var(--k-ink-2); }
  .policy { fill: var(--k-sunken); stroke: var(--k-line-strong); stroke-width: 1.25; }
  .role-proposer { fill: var(--k-role-proposer); }
  .role-solver { fill: none; stroke: var(--k-role-solver); stroke-width: 3.5; }
  .strong { font: 600 14px var(--k-font-sans); fill: var(--k-ink); }
`;
