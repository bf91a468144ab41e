import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Json } from "../../contracts";
import type { LossShare } from "../../telemetry/loss-share";
import "../elements/dot-strip";
import "../elements/formula";
import "../elements/term";
import {
  baselinePlain,
  baselineTex,
  countRewards,
  divisorOf,
  EPSILON_NOTE,
  rewardOrigin,
  shareSentence,
  updateSentence,
  weightSentence,
} from "../explain";
import { fixed, reward, signed, whole } from "../format";
import type { Explained } from "../store";
import { base } from "../styles";

/** One number from verdict to loss: reward, advantage, share of the loss, with all values. */
@customElement("kelvin-arithmetic")
export class Arithmetic extends LitElement {
  static override readonly styles = [
    base,
    css`
      ol { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.15rem; }
      li { display: grid; grid-template-columns: 5.2rem minmax(0, 1fr); gap: 0.2rem var(--k-space-4); align-items: start; padding-block: 0.35rem; }
      li > * { min-width: 0; }
      li + li { border-top: 1px solid var(--k-line); }
      .name { padding-top: 0.15rem; font-size: var(--k-text-xs); font-weight: var(--k-weight-medium); }
      .line { display: flex; flex-wrap: wrap; align-items: center; gap: 0.2rem var(--k-space-4); min-width: 0; }
      .equation { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.5rem; }
      .equation b { font-size: var(--k-text-lg); line-height: 1.1; }
      small { color: var(--k-ink-3); font-size: var(--k-text-2xs); white-space: nowrap; }
      .fraction { display: grid; justify-items: center; }
      .top { display: flex; gap: 0.35rem; align-items: baseline; padding: 0 0.3rem 0.2rem; border-bottom: 1.5px solid var(--k-ink); }
      .bottom { padding-top: 0.2rem; }
      .term, .bottom { display: grid; justify-items: center; }
      .result { font-size: 1.5rem; font-weight: var(--k-weight-bold); letter-spacing: var(--k-tracking-tight); }
      .warm { color: var(--k-heat-text-warm); }
      .cold { color: var(--k-heat-text-cold); }
      kelvin-dot-strip { flex: 1 1 9rem; max-width: 17rem; }
      p { font-size: var(--k-text-xs); color: var(--k-ink-2); }
      details { flex: 1 1 100%; min-width: 0; max-width: 100%; font-size: var(--k-text-xs); }
      summary { width: fit-content; cursor: pointer; min-height: 1.5rem; text-decoration: underline; text-underline-offset: 3px; color: var(--k-ink-2); }
      kelvin-formula { --formula-size: 0.8rem; }
      details > * + * { margin-top: 0.4rem; }
      @media (max-width: 720px) { li { grid-template-columns: minmax(0, 1fr); } .line { justify-content: space-between; } kelvin-dot-strip { flex-basis: 15rem; } }
    `,
  ];

  @property({ attribute: false }) explained!: Explained;
  /** Configuration of the number's run. */
  @property({ attribute: false }) config: Json = null;
  /** null if the log does not contain it. */
  @property({ attribute: false }) loss: LossShare | null = null;

  override render() {
    return html`<ol>
      <li><span class="name"><kelvin-term name="reward">Reward</kelvin-term></span>${this.renderReward()}</li>
      <li><span class="name"><kelvin-term name="advantage">Advantage</kelvin-term></span>${this.renderAdvantage()}</li>
      <li><span class="name"><kelvin-term name="loss">Loss</kelvin-term></span>${this.renderLoss()}</li>
    </ol>`;
  }

  private renderReward() {
    const { record, share } = this.explained;
    return html`<div class="line"><span class="equation number"><b>${reward(share.reward)}</b></span><p class="number">${rewardOrigin(record, this.config)}</p></div>`;
  }

  private renderAdvantage() {
    const { credit, advantage, reward: mine } = this.explained.share;
    const size = credit.rewards.length;
    const divisor = divisorOf(credit);
    return html`<div class="line">
      <div class="equation number" role="math" aria-label="${fixed(mine)} minus ${fixed(credit.mean)}, divided by ${fixed(divisor.value)}, is ${signed(advantage)}">
        <span class="fraction"><span class="top">
            <span class="term"><b>${fixed(mine)}</b><small>its reward</small></span><span>−</span>
            <span class="term"><b>${fixed(credit.mean)}</b><small>mean of ${size}</small></span></span>
          <span class="bottom"><b>${fixed(divisor.value)}</b><small>${divisor.what}</small></span></span>
        <span>=</span><span class="result ${sign(advantage)}">${signed(advantage)}</span>
      </div>
      <kelvin-dot-strip .rewards=${credit.rewards} .mean=${credit.mean} .deviation=${credit.deviation} .mine=${mine}></kelvin-dot-strip>
      ${this.renderBaseline()}
    </div>`;
  }

  /** Mean and deviation of the group, with every reward; formulas are loaded when opened. */
  private renderBaseline() {
    const { credit } = this.explained.share;
    const counts = countRewards(credit.rewards).map(({ reward: value, count }) => `${count} at ${reward(value)}`);
    const [tex, plain] = [baselineTex(credit), baselinePlain(credit)];
    return html`<details @toggle=${() => this.requestUpdate()}><summary>Mean and spread of its ${credit.rewards.length} rewards</summary>
      <p class="number">Baseline “${credit.group}”: ${counts.join(", ")}.</p>
      ${
        this.renderRoot.querySelector("details")?.open
          ? html`<kelvin-formula tex=${tex.mean} plain=${plain.mean}></kelvin-formula>${credit.deviation === 0 ? nothing : html`<kelvin-formula tex=${tex.deviation} plain=${plain.deviation}></kelvin-formula>`}`
          : nothing
      }
      ${credit.divisor ? nothing : html`<p>${EPSILON_NOTE}</p>`}</details>`;
  }

  private renderLoss() {
    const { record, share } = this.explained;
    const sentence = updateSentence(record.sample.logprobs.length, share.credit, share.advantage);
    if (!this.loss) {
      const weight = weightSentence(record.sample.logprobs.length, this.config);
      return html`<div class="line"><p>${sentence} ${share.credit.deviation === 0 ? nothing : weight}</p></div>`;
    }
    const { tokens, total, term } = this.loss;
    return html`<div class="line">
      <div class="equation number" role="math" aria-label="minus ${signed(share.advantage)} times ${tokens} tokens, divided by ${total} tokens, is ${signed(term, 4)}">
        <span>−</span><span class="fraction"><span class="top">
            <span class="term"><b>${signed(share.advantage)}</b><small>advantage</small></span><span>×</span>
            <span class="term"><b>${whole(tokens)}</b><small>its tokens</small></span></span>
          <span class="bottom"><b>${whole(total)}</b><small>all tokens</small></span></span>
        <span>=</span><b>${signed(term, 4)}</b>
      </div>
      <p class="number">${shareSentence(this.loss, this.config)} ${sentence}</p>
    </div>`;
  }
}

function sign(advantage: number): string {
  if (Math.abs(advantage) < 0.005) return "";
  return advantage < 0 ? "cold" : "warm";
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-arithmetic": Arithmetic;
  }
}
