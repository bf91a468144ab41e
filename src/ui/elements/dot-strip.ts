import { css, html, LitElement, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import { largest, smallest } from "../../contracts";
import { fixed, reward } from "../format";
import { heat } from "../heat";
import { base, heatColors } from "../styles";

const WIDTH = 240;
const HEIGHT = 120;
const FLOOR = 92;
/** Width of a value's label. */
const LABEL = 30;
const MARGIN = 16;
const RADIUS = 3.4;
const PITCH = 8.2;

/** Every reward of a group as a dot, with the mean, the deviation, and the explained sample marked. */
@customElement("kelvin-dot-strip")
export class DotStrip extends LitElement {
  static override readonly styles = [
    base,
    heatColors,
    css`
      svg { display: block; width: 100%; overflow: visible; }
      circle { fill: var(--heat); stroke: var(--k-line-strong); stroke-width: 0.4; }
      .mine { stroke: var(--k-ink); stroke-width: 2; }
      .band { fill: var(--k-hover); }
      .mean { stroke: var(--k-ink); stroke-width: 1.5; }
      .axis { stroke: var(--k-line-strong); }
      text { font-size: 11px; fill: var(--k-ink-3); font-variant-numeric: tabular-nums; }
      .strong { fill: var(--k-ink); font-weight: 600; }
    `,
  ];

  @property({ attribute: false }) rewards: readonly number[] = [];
  @property({ type: Number }) mean = 0;
  @property({ type: Number }) deviation = 0;
  /** Reward of the explained sample. */
  @property({ type: Number }) mine = 0;

  override render() {
    const values = [...new Set(this.rewards)].sort((a, b) => a - b);
    const low = smallest(values, -1);
    const high = largest(values, 1);
    const x = (value: number) => MARGIN + ((value - low) / (high - low)) * (WIDTH - 2 * MARGIN);
    const label = `${this.rewards.length} rewards, ${values.map((value) => `${this.count(value)} at ${reward(value)}`).join(", ")}. Mean ${fixed(this.mean)}, spread ${fixed(this.deviation)}.`;
    return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${label}>
      ${this.renderBand(x)}
      ${svg`<path class="axis" d="M4 ${FLOOR + 0.5}H${WIDTH - 4}"/>`}
      ${values.map((value) => this.renderStack(value, x(value)))}
      ${this.apart(values, x).map((value) => svg`<text x=${x(value)} y=${FLOOR + 13} text-anchor="middle">${reward(value)}</text>`)}
      ${svg`<path class="mean" d="M${x(this.mean)} 20V${FLOOR + 5}"/><text class="strong" x=${x(this.mean)} y=${HEIGHT} text-anchor="middle">mean ${fixed(this.mean)}</text>`}
    </svg>`;
  }

  private renderBand(x: (value: number) => number) {
    const left = x(this.mean - this.deviation);
    const crowded = left > WIDTH - 80;
    return svg`<rect class="band" x=${left} y="4" width=${x(this.mean + this.deviation) - left} height=${FLOOR - 4}/>
      <text x=${crowded ? left - 4 : left + 4} y="14" text-anchor=${crowded ? "end" : "start"}>spread ${fixed(this.deviation)}</text>`;
  }

  /** Dots of one value, three per row, closer together if the pile is too high. */
  private renderStack(value: number, x: number) {
    const count = this.count(value);
    const rows = Math.ceil(count / 3);
    const pitch = Math.min(PITCH, (FLOOR - 24) / Math.max(1, rows));
    const dots = Array.from({ length: count }, (_unused, index) => {
      const mine = value === this.mine && index === count - 1 ? "mine" : "";
      const row = Math.floor(index / 3);
      return svg`<circle class=${mine} data-heat=${heat(value)} cx=${x + ((index % 3) - 1) * PITCH} cy=${FLOOR - RADIUS - 1 - row * pitch} r=${RADIUS}/>`;
    });
    return svg`${dots}`;
  }

  /** Values whose labels fit: the explained one first, then from the left. */
  private apart(values: readonly number[], x: (value: number) => number): number[] {
    const order = [...values].sort((a, b) => Number(b === this.mine) - Number(a === this.mine) || a - b);
    const kept: number[] = [];
    for (const value of order) if (kept.every((other) => Math.abs(x(other) - x(value)) >= LABEL)) kept.push(value);
    return kept;
  }

  private count(value: number): number {
    return this.rewards.filter((reward) => reward === value).length;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-dot-strip": DotStrip;
  }
}
