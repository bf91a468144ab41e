import { css, html, LitElement } from "lit";
import { customElement, state } from "lit/decorators.js";
import { largest, smallest, standardize } from "../../../contracts";
import "../../elements/formula";
import { fixed, reward, signed } from "../../format";
import { heat } from "../../heat";
import { base, buttons, heatColors } from "../../styles";
import { labStyles } from "./lab-styles";

/** Rewards that pressing a sample cycles through. */
const REWARDS = [1, -0.5, -1] as const;

const PRESETS: readonly (readonly [name: string, right: number])[] = [
  ["none right", 0],
  ["one right", 1],
  ["half right", 4],
  ["one wrong", 7],
  ["all right", 8],
];

/** Larger advantages are drawn at the end of the scale; eight samples cannot exceed it. */
const LARGEST = 2.6;

/** Eight samples whose rewards the visitor sets; shows mean, deviation and advantages by training's own formula. */
@customElement("kelvin-advantage-lab")
export class AdvantageLab extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    heatColors,
    labStyles,
    css`
      :host { display: grid; gap: var(--k-space-5); }
      .samples { display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 0.4rem; }
      .samples button { display: grid; grid-template-rows: 1.5rem 4rem 4rem 1.6rem; justify-items: stretch; padding: 0; border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-2); background: var(--k-surface); overflow: hidden; }
      .samples button:hover { border-color: var(--k-ink); }
      .samples [aria-pressed="true"] { border-color: var(--k-ink); box-shadow: 0 0 0 1px var(--k-ink); }
      .reward { font-weight: var(--k-weight-bold); line-height: 1.5rem; border-bottom: 1px solid var(--k-line); }
      .half { display: flex; flex-direction: column; }
      .up { justify-content: flex-end; border-bottom: 1.5px solid var(--k-ink); }
      .bar { display: block; margin-inline: 20%; background: var(--heat); transition: height var(--k-dur-3) var(--k-ease-out); }
      .advantage { font-size: var(--k-text-xs); font-weight: var(--k-weight-bold); line-height: 1.6rem; background: var(--heat); color: var(--on-heat); }
      @media (max-width: 560px) { .samples { grid-template-columns: repeat(4, minmax(0, 1fr)); } .samples button { grid-template-rows: 2rem 2.5rem 2.5rem 1.8rem; } .reward { line-height: 2rem; } }
    `,
  ];

  @state() private rewards: readonly number[] = [1, -0.5, -0.5, 1, -0.5, -1, -0.5, -0.5];
  @state() private chosen = 0;

  override render() {
    const { mean, deviation, advantages } = standardize(this.rewards);
    const mine = advantages[this.chosen] ?? 0;
    const tex = `A_{${this.chosen + 1}}=\\frac{${this.rewards[this.chosen]}-${mean < 0 ? `(${mean.toFixed(2)})` : mean.toFixed(2)}}{${deviation.toFixed(2)}}=${signed(mine).replace("−", "-")}`;
    const plain = `A = (${reward(this.rewards[this.chosen])} − ${fixed(mean)}) / ${fixed(deviation)} = ${signed(mine)}`;
    return html`<div class="row" role="group" aria-label="Examples">${PRESETS.map(([name, right]) => html`<button class="button" type="button" @click=${() => this.preset(right)}>${name}</button>`)}</div>
      <div class="samples" role="group" aria-label="Eight samples of one group; press one to change its reward">${this.rewards.map((value, index) => this.renderSample(value, advantages[index] ?? 0, index))}</div>
      ${deviation === 0 ? html`<p>Spread 0: no fraction to write down.</p>` : html`<kelvin-formula tex=${tex} plain=${plain}></kelvin-formula>`}
      <p class="said" aria-live="polite">${sentence(this.rewards, advantages)}</p>`;
  }

  private renderSample(value: number, advantage: number, index: number) {
    const size = `${Math.min(100, (100 * Math.abs(advantage)) / LARGEST).toFixed(1)}%`;
    const bar = (on: boolean) =>
      html`<span class="bar" data-heat=${heat(advantage)} style="height:${on ? size : "0"}"></span>`;
    return html`<button type="button" aria-pressed=${index === this.chosen} aria-label="Sample ${index + 1}: reward ${reward(value)}, advantage ${signed(advantage)}. Press for another reward" @click=${() => this.press(index)}>
      <span class="reward number">${reward(value)}</span>
      <span class="half up">${bar(advantage > 0)}</span><span class="half">${bar(advantage < 0)}</span>
      <span class="advantage number" data-heat=${heat(advantage)}>${signed(advantage)}</span>
    </button>`;
  }

  private press(index: number): void {
    const now = REWARDS.findIndex((value) => Math.abs(value - (this.rewards[index] ?? 1)) < 1e-9);
    const next = REWARDS[(now + 1) % REWARDS.length] ?? 1;
    this.rewards = this.rewards.map((value, other) => (other === index ? next : value));
    this.chosen = index;
  }

  private preset(right: number): void {
    this.rewards = this.rewards.map((_value, index) => (index < right ? 1 : -0.5));
    this.chosen = 0;
  }
}

/** What these eight numbers show. */
function sentence(rewards: readonly number[], advantages: readonly number[]) {
  const right = rewards.filter((value) => value === 1).length;
  const best = largest(advantages);
  const worst = smallest(advantages);
  if (best === worst)
    return html`All eight earned the same. Nothing is better than anything else, every advantage is 0, and this group teaches <b>nothing</b>.`;
  if (right === 1)
    return html`One in eight is right: rare success is loud, <b class="warm">${signed(best)}</b>, and the common failure hardly counts.`;
  if (right === rewards.length - 1)
    return html`One in eight fails: now the failure is loud, <b class="cold">${signed(worst)}</b>, and success is nothing special.`;
  return html`${right} of eight are right. Above the mean is pulled up by as much as <b class="warm">${signed(best)}</b>, below it is pushed down by as much as <b class="cold">${signed(worst)}</b>; together they cancel.`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-advantage-lab": AdvantageLab;
  }
}
