import { css, html, LitElement, svg } from "lit";
import { customElement, state } from "lit/decorators.js";
import { controls, slider } from "../../elements/controls";
import { WidthController } from "../../elements/width-controller";
import { percent, signed } from "../../format";
import { heat } from "../../heat";
import { icon } from "../../icons";
import { base, buttons, heatColors } from "../../styles";
import { dice } from "./dice";
import { labStyles } from "./lab-styles";
import { freshToy, GROUP, step, type Toy } from "./switch";

const HEIGHT = 210;
const LEFT = 40;
const FLOOR = 176;
const TOP = 30;
/** Initial length of the axis in steps. */
const STEPS = 40;
const SEED = 1;
/** Accuracy of the shipped model's two ways of answering deduction tasks, before training. */
const SHIPPED = { worked: 0.855, direct: 0.302 };

/** A policy with a single choice; training makes the better way more likely. */
@customElement("kelvin-switch-lab")
export class SwitchLab extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    heatColors,
    controls,
    labStyles,
    css`
      :host { display: grid; gap: var(--k-space-4); }
      .sliders { display: grid; grid-template-columns: 1fr 1fr; gap: var(--k-space-4) var(--k-space-5); }
      .draws { display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 0.3rem; min-height: 5.6rem; }
      .draws li { display: grid; justify-items: center; align-content: center; min-height: 2.6rem; padding: 0.15rem; border-radius: var(--k-radius-1); background: var(--heat); color: var(--on-heat); font-size: var(--k-text-2xs); text-align: center; }
      .draws li > span { display: inline-flex; align-items: center; gap: 0.25rem; white-space: nowrap; }
      .draws .icon { width: 0.8rem; height: 0.8rem; stroke-width: 2.4; }
      .draws .none { grid-column: 1 / -1; color: var(--k-ink-3); background: none; border: 1px dashed var(--k-line-strong); font-size: var(--k-text-sm); }
      .end { fill: var(--k-ink); }
      @media (max-width: 560px) { .sliders { grid-template-columns: 1fr; } .draws { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
    `,
  ];

  @state() private toy: Toy = freshToy;
  /** Accuracy of each way, in percent. */
  @state() private worked = Math.round(100 * SHIPPED.worked);
  @state() private direct = Math.round(100 * SHIPPED.direct);
  private random = dice(SEED);
  private readonly size = new WidthController(this, 260, 750);

  override render() {
    return html`<div class="sliders">${this.renderSlider("Step by step is right", "worked")}${this.renderSlider("Straight away is right", "direct")}</div>
      <div class="row">
        <button class="button primary" type="button" @click=${() => this.train(1)}>One step</button>
        <button class="button" type="button" @click=${() => this.train(10)}>Ten steps</button>
        <button class="button" type="button" @click=${this.restart}>Start over</button>
      </div>
      ${this.renderCurve()}
      <ul class="draws" aria-label="The ${GROUP} answers of the last step">${this.renderDraws()}</ul>
      <p class="said" aria-live="polite">${this.sentence()}</p>`;
  }

  private renderSlider(label: string, name: "worked" | "direct") {
    const value = this[name];
    return slider({
      label,
      value,
      min: 0,
      max: 100,
      words: (share) => `${share} percent`,
      shown: `${value} %`,
      onInput: (share) => this.slide(name, share),
    });
  }

  private renderCurve() {
    const { curve } = this.toy;
    const { width } = this.size;
    const until = Math.max(STEPS, curve.length - 1);
    const x = (index: number) => LEFT + (index / until) * (width - LEFT - 20);
    const y = (share: number) => FLOOR - share * (FLOOR - TOP);
    const last = curve.at(-1) ?? 0;
    return html`<svg viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="Probability of working step by step after each step: ${percent(last)} percent after ${curve.length - 1}">
      ${[0, 0.5, 1].map((value) => svg`<path class="grid" d="M${LEFT} ${y(value)}H${width - 20}"/><text x=${LEFT - 6} y=${y(value) + 4} text-anchor="end">${100 * value}%</text>`)}
      ${[0, 0.25, 0.5, 0.75, 1].map((part) => svg`<text x=${x(part * until)} y=${FLOOR + 18} text-anchor="middle">${Math.round(part * until)}</text>`)}
      ${svg`<text x=${width - 20} y=${HEIGHT - 2} text-anchor="end">steps</text><text x="0" y="12">how often it chooses to work step by step</text>`}
      ${svg`<path class="curve" d="M${curve.map((share, index) => `${x(index).toFixed(1)} ${y(share).toFixed(1)}`).join("L")}"/><circle class="end" cx=${x(curve.length - 1)} cy=${y(last)} r="5"/>`}
    </svg>`;
  }

  private renderDraws() {
    const { draws } = this.toy;
    if (draws.length === 0)
      return html`<li class="none">Press “One step”: ${GROUP} answers are drawn, rewarded and compared.</li>`;
    return draws.map(
      ({ worked, right, advantage }) =>
        html`<li data-heat=${heat(advantage)}><span>${worked ? "worked" : "straight"} ${icon(right ? "right" : "wrong")}<span class="hidden">${right ? "right" : "wrong"}</span></span><b class="number">${signed(advantage)}</b></li>`,
    );
  }

  private sentence() {
    const { curve, draws } = this.toy;
    const now = curve.at(-1) ?? 0;
    if (draws.length === 0)
      return html`It begins by working <b>${percent(now)} %</b> of its answers step by step. Nobody tells it which way is better; it is only told which answers were right.`;
    if (draws.every(({ advantage }) => advantage === 0))
      return html`All ${GROUP} answers earned the same, so this step taught nothing.`;
    const before = curve.at(-2) ?? now;
    return html`After ${curve.length - 1} ${curve.length === 2 ? "step" : "steps"} it works step by step in <b>${percent(now)} %</b> of its answers, ${signed(100 * (now - before), 1)} points in the last one. ${now > 0.9 ? "The skill was there from the start; what it learned is to use it." : ""}`;
  }

  private train(steps: number): void {
    const world = { worked: this.worked / 100, direct: this.direct / 100 };
    let { toy } = this;
    for (let i = 0; i < steps; i++) toy = step(toy, world, this.random);
    this.toy = toy;
  }

  private restart(): void {
    this.random = dice(SEED);
    this.toy = freshToy;
  }

  private slide(name: "worked" | "direct", share: number): void {
    this[name] = share;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-switch-lab": SwitchLab;
  }
}
