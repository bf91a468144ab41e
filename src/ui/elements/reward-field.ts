import { css, html, LitElement, svg, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { largest } from "../../contracts";
import type { RewardCount } from "../../telemetry/reward-field";
import { heat } from "../heat";
import { base, heatColors } from "../styles";

const PITCH = 12;
const SIDE = 9.5;

/** One square per answer, one column per step, lowest reward on top. */
@customElement("kelvin-reward-field")
export class RewardFieldPicture extends LitElement {
  static override readonly styles = [
    base,
    heatColors,
    css`
      svg { display: block; width: 100%; height: auto; max-height: 26rem; }
      rect { fill: var(--heat); }
    `,
  ];

  /** Columns from left to right; each from the lowest reward to the highest. */
  @property({ attribute: false }) columns: readonly (readonly RewardCount[])[] = [];
  /** Description for screen readers. */
  @property() label = "";

  override render() {
    const rows = largest(
      this.columns.map((column) => column.reduce((sum, { count }) => sum + count, 0)),
      0,
    );
    const box = `0 0 ${this.columns.length * PITCH} ${rows * PITCH}`;
    return html`<svg viewBox=${box} role="img" aria-label=${this.label}>${this.columns.map(renderColumn)}</svg>`;
  }
}

function renderColumn(column: readonly RewardCount[], index: number): TemplateResult[] {
  const answers = column.flatMap(({ reward, count }) => Array.from({ length: count }, () => reward));
  return answers.map(
    (reward, row) =>
      svg`<rect data-heat=${heat(reward)} x=${index * PITCH} y=${row * PITCH} width=${SIDE} height=${SIDE} rx="1.5"/>`,
  );
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-reward-field": RewardFieldPicture;
  }
}
