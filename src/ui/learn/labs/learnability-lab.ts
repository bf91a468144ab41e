import { css, html, LitElement, svg } from "lit";
import { customElement, state } from "lit/decorators.js";
import { controls, slider } from "../../elements/controls";
import { WidthController } from "../../elements/width-controller";
import { fixed, percent } from "../../format";
import { base, buttons } from "../../styles";
import { bestRate, chanceOfNothing, expectedReward } from "./expected-reward";
import { labStyles } from "./lab-styles";

const HEIGHT = 236;
const LEFT = 40;
const FLOOR = 200;
const TOP = 30;
const TRIES = [2, 4, 8, 16] as const;

/** Mean reward of a proposer by difficulty; neither the easiest nor the hardest tasks pay. */
@customElement("kelvin-learnability-lab")
export class LearnabilityLab extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    controls,
    labStyles,
    css`
      :host { display: grid; gap: var(--k-space-4); }
      .button[aria-pressed="true"] { background: var(--k-invert); color: var(--k-on-invert); }
      .mine { fill: var(--k-ink); }
      .drop { stroke: var(--k-ink); stroke-dasharray: 3 3; }
      .best { stroke: var(--k-ink-3); stroke-dasharray: 1 4; stroke-width: 1.5; stroke-linecap: round; }
    `,
  ];

  /** The true solve rate, in percent. */
  @state() private rate = 30;
  @state() private tries: (typeof TRIES)[number] = 4;
  private readonly size = new WidthController(this, 260, 750);

  override render() {
    const q = this.rate / 100;
    return html`<div class="row" role="group" aria-label="Tries per task"><span>Tries per task</span>${TRIES.map((tries) => html`<button class="button" type="button" aria-pressed=${tries === this.tries} @click=${() => this.take(tries)}>${tries}</button>`)}</div>
      ${this.renderCurve(q)}
      ${slider({ label: "How often the solver can really solve the task", min: 0, max: 100, value: this.rate, words: (rate) => `${rate} percent`, shown: `${this.rate} %`, onInput: (rate) => this.solve(rate) })}
      <p class="said" aria-live="polite">${sentence(q, this.tries)}</p>`;
  }

  private renderCurve(q: number) {
    const { width } = this.size;
    const x = (rate: number) => LEFT + rate * (width - LEFT - 12);
    const y = (reward: number) => FLOOR - reward * (FLOOR - TOP);
    const points = Array.from(
      { length: 101 },
      (_, i) => `${x(i / 100).toFixed(1)} ${y(expectedReward(i / 100, this.tries)).toFixed(1)}`,
    );
    const best = bestRate(this.tries);
    const mine = expectedReward(q, this.tries);
    return html`<svg viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="Mean reward of the proposer against the solve rate, with ${this.tries} tries: zero at both ends, highest at ${percent(best)} percent">
      ${[0, 0.25, 0.5, 0.75, 1].map((value) => svg`<path class="grid" d="M${LEFT} ${y(value)}H${width - 12}"/><text x=${LEFT - 6} y=${y(value) + 4} text-anchor="end">${value}</text>`)}
      ${[0, 0.25, 0.5, 0.75, 1].map((value) => svg`<text x=${x(value)} y=${FLOOR + 18} text-anchor="middle">${100 * value}%</text>`)}
      ${svg`<path class="axis" d="M${LEFT} ${FLOOR}H${width - 12}"/><text x=${width - 12} y=${HEIGHT} text-anchor="end">solve rate</text><text x="0" y="12">mean reward of the proposer</text>`}
      ${svg`<path class="best" d="M${x(best)} ${y(expectedReward(best, this.tries))}V${FLOOR}"/><path class="curve" d="M${points.join("L")}"/>`}
      ${svg`<path class="drop" d="M${x(q)} ${y(mine)}V${FLOOR}"/><circle class="mine" cx=${x(q)} cy=${y(mine)} r="6"/><text class="strong" x=${x(q)} y=${y(mine) - 12} text-anchor=${q > 0.9 ? "end" : q < 0.1 ? "start" : "middle"}>${fixed(mine)}</text>`}
    </svg>`;
  }

  private take(tries: (typeof TRIES)[number]): void {
    this.tries = tries;
  }

  private solve(rate: number): void {
    this.rate = rate;
  }
}

function sentence(q: number, tries: number) {
  const best = bestRate(tries);
  const nothing = html`In <b>${percent(chanceOfNothing(q, tries))} %</b> of cases all ${tries} tries agree and nothing is paid.`;
  if (q === 0) return html`Nobody can solve it: every try fails, and the task can teach nothing yet. Reward <b>0</b>.`;
  if (q === 1) return html`Everybody solves it: there is nothing left to learn. Reward <b>0</b>.`;
  const side =
    q < best - 0.05
      ? "Harder than pays best."
      : q > best + 0.05
        ? "Easier than pays best."
        : "About where it pays best.";
  return html`${side} ${nothing} With ${tries} tries a task solved ${Math.round(100 * best)} % of the time pays most.`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-learnability-lab": LearnabilityLab;
  }
}
