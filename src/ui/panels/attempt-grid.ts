import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import "../elements/attempt-cell";
import "../elements/term";
import type { CellContent } from "../elements/attempt-cell";
import { plural, reward, signed } from "../format";
import { HEAT_SCALE } from "../heat";
import type { LiveSample } from "../live";
import { readAttempt } from "../reading";
import { attemptWord } from "../rulings";
import type { Attempt } from "../scenes";
import { type Store, StoreController } from "../store";
import { base, heatColors, types } from "../styles";

/** The attempts at the task on stage, from lowest to highest reward. */
@customElement("kelvin-attempt-grid")
export class AttemptGrid extends LitElement {
  static override readonly styles = [
    base,
    types,
    heatColors,
    css`
      section { display: flex; flex-direction: column; gap: var(--k-space-3); height: 100%; }
      header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.2rem var(--k-space-4); padding: 0 0.1rem; }
      h2 { display: flex; align-items: center; gap: 0.5rem; font-size: var(--k-text-sm); font-weight: var(--k-weight-bold); }
      .sum { color: var(--k-ink-2); margin-right: auto; }
      .scale { display: flex; align-items: center; gap: 2px; font-size: var(--k-text-2xs); color: var(--k-ink-3); white-space: nowrap; }
      .scale i { width: 1rem; height: 0.5rem; background: var(--heat); }
      .scale span:first-child { margin-right: 0.4rem; }
      .scale span:last-child { margin-left: 0.4rem; }
      .cells { flex: 1 1 12rem; display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); grid-auto-rows: minmax(max-content, 7.5rem); align-content: start; gap: var(--k-space-3); min-height: 12rem; overflow: auto; padding: 3px; margin: -3px; }
      .cells li { display: grid; min-height: 5.5rem; }
      .empty { flex: 1; min-height: 12rem; display: grid; place-content: center; color: var(--k-ink-3); border: 1px dashed var(--k-line); border-radius: var(--k-radius-2); text-align: center; padding: 1rem; }
      @media (max-width: 1000px) { .cells { flex: none; grid-template-columns: 1fr 1fr; } .scale { width: 100%; } .scale i { flex: 1; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { scene } = this.store;
    const attempts = scene?.attempts ?? [];
    const live = this.store.liveAttempts;
    return html`<section aria-labelledby="title">
      <header><h2 id="title"><i class="role solver" aria-hidden="true"></i><kelvin-term name="solver">Solver</kelvin-term></h2><p class="sum number">${live.length > 0 ? "writing" : summary(attempts)}${live.length === 0 && attempts.length > 0 && isThinned(this.store) ? "; more were made, the recording leaves them out" : ""}</p>
        <div class="scale" role="img" aria-label="Advantage scale: cold is negative and makes an answer less likely, warm is positive and makes it more likely">
          <span>less likely</span>${HEAT_SCALE.map((step) => html`<i data-heat=${step}></i>`)}<span>more likely</span></div></header>
      ${live.length > 0 ? this.renderLive(live) : attempts.length > 0 ? this.renderAttempts(attempts) : this.renderEmpty()}
    </section>`;
  }

  private renderAttempts(attempts: readonly Attempt[]) {
    const opened = this.store.openedAttempt?.record.sample.id;
    const cell = (attempt: Attempt, index: number) => {
      const { id } = attempt.record.sample;
      return html`<li><kelvin-attempt-cell
        .content=${cellContent(attempt, index)} .pressed=${id === opened}
        @chosen=${() => this.store.select({ attempt: id, scene: this.store.scene?.id ?? null })}
      ></kelvin-attempt-cell></li>`;
    };
    return html`<ul class="cells">${repeat(attempts, ({ record }) => record.sample.id, cell)}</ul>`;
  }

  private renderLive(live: readonly LiveSample[]) {
    const cells = live.map(
      (sample, index) =>
        html`<li><kelvin-attempt-cell .content=${liveContent(sample, index)}></kelvin-attempt-cell></li>`,
    );
    return html`<ul class="cells" aria-label="Answers being written">${cells}</ul>`;
  }

  private renderEmpty() {
    const verdict = this.store.scene?.proposal?.verdict;
    const refused = verdict !== undefined && verdict.verdict !== "VALID";
    if (!refused && isThinned(this.store))
      return html`<p class="empty">The recording leaves out the attempts at this task.</p>`;
    return html`<p class="empty">${refused ? "Refused proposals are not attempted." : "Attempts appear here when the solver answers."}</p>`;
  }
}

/** Whether a recording lacks the learnability attempts at the task on stage. */
function isThinned({ run, scene }: Store): boolean {
  const rated = typeof scene?.proposal?.solveRate === "number";
  const there = scene?.attempts.some(({ record }) => record.purpose === "learnability") ?? false;
  return run.header?.thinned !== undefined && rated && !there;
}

function summary(attempts: readonly Attempt[]) {
  const judged = attempts.filter(({ record }) => record.verdict !== undefined);
  if (judged.length === 0) return attempts.length > 0 ? plural(attempts.length, "attempt") : "";
  const right = judged.filter(({ record }) => record.verdict?.verdict === "CORRECT").length;
  const traced = attempts.filter(({ record }) => record.sample.trace).length;
  return html`<b>${right} of ${judged.length}</b> right, ${traced} worked step by step`;
}

function cellContent({ record, share }: Attempt, index: number): CellContent {
  const { sample, verdict, purpose } = record;
  const { answer, trace } = readAttempt(sample.text);
  return {
    number: index + 1,
    mode: `${sample.trace ? "trace" : "direct"}, ${sample.logprobs.length} tokens`,
    verdict: verdict ? attemptWord(verdict) : null,
    answer,
    trace,
    reward: record.reward === undefined ? "" : reward(record.reward),
    advantage: share ? { value: share.advantage, text: signed(share.advantage) } : null,
    bandNote: purpose === "learnability" ? "only to rate the task" : "waiting for its reward",
  };
}

function liveContent({ text }: LiveSample, index: number): CellContent {
  const { answer, trace } = readAttempt(text);
  const mode = text.includes("<think>") ? "trace, writing" : "writing";
  return {
    number: index + 1,
    mode,
    verdict: null,
    answer: answer ?? "…",
    trace,
    reward: "",
    advantage: null,
    bandNote: "being written",
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-attempt-grid": AttemptGrid;
  }
}
