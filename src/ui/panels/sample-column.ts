import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { JudgedSample } from "../../contracts";
import "../elements/attempt-cell";
import type { CellContent } from "../elements/attempt-cell";
import "../elements/token-listing";
import { fixed, percent, plural } from "../format";
import { readAttempt } from "../reading";
import { attemptWord, explain } from "../rulings";
import { base, cards } from "../styles";

/**
 * The samples of one policy for a prompt: how many are right, each sample, and the chosen one token by token.
 * @fires chosen with the index of a sample
 */
@customElement("kelvin-sample-column")
export class SampleColumn extends LitElement {
  static override readonly styles = [
    base,
    cards,
    css`
      .card { height: auto; }
      .card > header { flex-wrap: wrap; gap: 0 var(--k-space-4); padding-bottom: 0.3rem; }
      .count { padding: 0 var(--k-space-5) 0.4rem; }
      .count b { font-size: var(--k-text-xl); letter-spacing: var(--k-tracking-tight); }
      .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: var(--k-space-3); padding: 0 var(--k-space-5) var(--k-space-4); max-height: 21rem; overflow: auto; }
      @media (max-width: 720px) { .grid { grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); } }
      .opened { border-top: 1px solid var(--k-line); }
      .said { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 var(--k-space-4); overflow-wrap: anywhere; padding: 0.5rem var(--k-space-5) 0; font-size: var(--k-text-xs); color: var(--k-ink-2); }
      .said b { color: var(--k-ink); }
      .note { display: block; overflow-wrap: anywhere; padding: 0 var(--k-space-5) 0.5rem; }
    `,
  ];

  @property() heading = "";
  /** Said beside the heading. */
  @property() aside = "";
  @property({ attribute: false }) samples: readonly JudgedSample[] = [];
  @property({ type: Number }) chosen = 0;
  /** Said under the count. */
  @property() note = "";

  override render() {
    const { samples, chosen } = this;
    const opened = samples[Math.min(chosen, samples.length - 1)];
    return html`<section class="card" aria-labelledby="title">
      <header><h2 id="title">${this.heading}</h2><p>${this.aside}</p></header>
      <p class="count number">${this.renderCount()}</p>
      ${this.note === "" ? nothing : html`<span class="note">${this.note}</span>`}
      <div class="grid">${samples.map((sample, index) => this.renderCell(sample, index))}</div>
      ${opened ? this.renderOpened(opened) : nothing}
    </section>`;
  }

  private renderCount() {
    const { samples } = this;
    const right = samples.filter(isRight).length;
    const worked = samples.filter(({ trace }) => trace).length;
    return html`<b>${right} of ${samples.length}</b> right (${percent(right / Math.max(1, samples.length))} %), ${worked} worked step by step`;
  }

  private renderCell(sample: JudgedSample, index: number) {
    const choose = () => this.dispatchEvent(new CustomEvent("chosen", { detail: index }));
    return html`<kelvin-attempt-cell .content=${cellOf(sample, index)} .pressed=${index === this.chosen} @chosen=${choose}></kelvin-attempt-cell>`;
  }

  private renderOpened(sample: JudgedSample) {
    const { icon: _, word } = attemptWord(sample.verdict);
    const reason = sample.verdict.reason === "" ? "" : `: ${explain(sample.verdict)}`;
    const number = this.samples.indexOf(sample) + 1;
    return html`<div class="opened"><p class="said number"><span><b>Sample ${number}</b>, ${word}${reason}</span><span>${plural(sample.pieces.length, "token")}, sum log p ${fixed(sumOf(sample))}</span></p>
      <kelvin-token-listing .pieces=${sample.pieces} .logprobs=${sample.logprobs}></kelvin-token-listing></div>`;
  }
}

function isRight({ verdict }: JudgedSample): boolean {
  return verdict.verdict === "CORRECT";
}

function cellOf(sample: JudgedSample, index: number): CellContent {
  const { answer, trace } = readAttempt(sample.text);
  return {
    number: index + 1,
    mode: `${sample.trace ? "trace" : "direct"}, ${plural(sample.pieces.length, "token")}`,
    verdict: attemptWord(sample.verdict),
    answer,
    trace,
    reward: fixed(sumOf(sample)),
    advantage: null,
    bandNote: "sum log p",
  };
}

function sumOf({ logprobs }: JudgedSample): number {
  return logprobs.reduce((sum, value) => sum + value, 0);
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-sample-column": SampleColumn;
  }
}
