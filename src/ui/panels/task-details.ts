import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { type Pair, SHOWN_PAIRS, type Task } from "../../contracts";
import type { TaskAttempt, TaskRecord } from "../../telemetry/task-book";
import "../elements/code-listing";
import "../elements/task-given";
import { fixed, plural, reward, stepNumber } from "../format";
import { icon, typeLabel } from "../icons";
import { readAttempt, TASK_QUESTION, TASK_TITLE } from "../reading";
import { attemptWord } from "../rulings";
import type { Store } from "../store";
import { base, buttons, cards, types } from "../styles";
import "./try-task";

/**
 * One task: the question, a field for an answer, the solution on demand, and the policy's results.
 * @fires closed
 */
@customElement("kelvin-task-details")
export class TaskDetails extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    cards,
    types,
    css`
      .card > header { padding-right: var(--k-space-3); }
      .card > header .bare { margin-left: auto; }
      .body { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--k-space-4); padding: 0 var(--k-space-5) var(--k-space-4); }
      .facts { color: var(--k-ink-3); font-size: var(--k-text-xs); }
      .answer { font-family: var(--k-font-mono); overflow-wrap: anywhere; }
      summary { cursor: pointer; color: var(--k-ink-2); min-height: 1.5rem; }
      .answer { padding-top: 0.3rem; }
      table { width: 100%; border-collapse: collapse; font-size: var(--k-text-xs); }
      caption { text-align: left; padding-bottom: 0.3rem; color: var(--k-ink-2); }
      th, td { padding: 0.25rem 0.5rem 0.25rem 0; border-top: 1px solid var(--k-line); text-align: left; font-weight: var(--k-weight); vertical-align: top; }
      th[scope="col"] { color: var(--k-ink-3); border-top: 0; }
      td.answered { font-family: var(--k-font-mono); overflow-wrap: anywhere; white-space: pre-wrap; }
      td .icon { width: 0.8rem; height: 0.8rem; stroke-width: 2.4; vertical-align: -0.1rem; }
      .history { max-height: 16rem; overflow: auto; }
      .last { text-align: right; }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  /** A task of the run, or one without history. */
  @property({ attribute: false }) record!: Pick<TaskRecord, "task"> & Partial<TaskRecord>;

  override render() {
    const { task } = this.record;
    return html`<section class="card ${task.type}" aria-labelledby="title">
      <header><h2 id="title">${typeLabel(task.type, TASK_TITLE[task.type])}</h2>
        <button class="button bare" type="button" aria-label="Close the task" @click=${this.close}>${icon("close")}</button></header>
      <div class="body">
        <p>${TASK_QUESTION[task.type]} <span class="facts number">${this.facts()}</span></p>
        <kelvin-task-given .task=${task}></kelvin-task-given>
        <kelvin-try-task .store=${this.store} .task=${task}></kelvin-try-task>
        ${renderSolution(task)}
        ${this.renderHistory()}
      </div>
    </section>`;
  }

  private facts(): string {
    const { task, solveRate, judged = 0, right = 0, used = 0 } = this.record;
    if (task.id.startsWith("yours/")) return `${plural(task.statements, "statement")}, yours.`;
    const author = task.step < 0 ? "given or written before step 1" : `written in step ${stepNumber(task.step)}`;
    const rated = typeof solveRate === "number" ? `, rated at ${fixed(solveRate)}` : "";
    return `${capital(author)}${rated}; ${right} of ${plural(judged, "answer")} right, ${used} trained on.`;
  }

  private renderHistory() {
    const { attempts, judged = 0, solveRate } = this.record;
    if (!attempts) return nothing;
    if (attempts.length > 0) return renderHistory(attempts, judged);
    // A rated task was tried, even if a shortened log lacks the answers.
    const words =
      typeof solveRate === "number" ? "Its answers were left out of this recording." : "Nobody has tried it yet.";
    return html`<p class="facts">${words}</p>`;
  }

  private close(): void {
    this.dispatchEvent(new CustomEvent("closed"));
  }
}

/** Closed at first; one element per task, so that the next task's is closed too. */
function renderSolution({ id, type, program, pairs }: Task) {
  if (type === "integration") return nothing;
  const [pair] = pairs;
  const answer =
    type === "induction"
      ? html`<kelvin-code-listing .code=${program} label="The author's program"></kelvin-code-listing>
          <p class="answer">${pairs.slice(SHOWN_PAIRS).map(arrow).join(", ")}</p>`
      : html`<p class="answer">${type === "deduction" ? pair?.output : pair?.input}</p>`;
  const title =
    type === "deduction"
      ? "Show the output"
      : type === "abduction"
        ? "Show the author's input"
        : "Show the author's program";
  return html`<details data-task=${id}><summary>${title}</summary>${answer}</details>`;
}

function renderHistory(attempts: readonly TaskAttempt[], judged: number) {
  const caption =
    judged > attempts.length ? `The latest ${attempts.length} answers of the policy` : "Answers of the policy";
  return html`<div class="history" tabindex="0" role="region" aria-label="Answers of the policy"><table class="number">
    <caption>${caption}</caption>
    <thead><tr><th scope="col">step</th><th scope="col">for</th><th scope="col">answer</th><th scope="col">verdict</th><th scope="col" class="last">reward</th></tr></thead>
    <tbody>${attempts.toReversed().map(renderAttempt)}</tbody>
  </table></div>`;
}

function renderAttempt({ step, purpose, text, trace, verdict, reward: earned }: TaskAttempt) {
  const { answer } = readAttempt(text);
  const word = verdict ? attemptWord(verdict) : null;
  return html`<tr><th scope="row">${step < 0 ? "before" : stepNumber(step)}</th><td>${purpose === "train" ? "training" : "rating"}</td>
    <td class="answered">${answer ?? "none"}${trace ? html` <span class="quiet">worked</span>` : nothing}</td>
    <td>${word ? html`${icon(word.icon)} ${word.word}` : "–"}</td><td class="last">${earned === null ? "–" : reward(earned)}</td></tr>`;
}

function arrow({ input, output }: Pair): string {
  return `${input} → ${output}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-task-details": TaskDetails;
  }
}
