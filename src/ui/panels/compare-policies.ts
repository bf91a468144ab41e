import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import {
  type CompareRequest,
  type Comparison,
  type ExportedComparison,
  type HeldOutSuite,
  KelvinError,
  type Task,
} from "../../contracts";
import { controls, select, slider } from "../elements/controls";
import "../elements/task-given";
import { bytes, fixed, plural } from "../format";
import { icon } from "../icons";
import { TASK_QUESTION } from "../reading";
import { type Store, StoreController } from "../store";
import { base, buttons, cards, fields } from "../styles";
import "./prompt-picker";
import "./sample-column";

const COUNTS = [1, 4, 8, 16, 32];

/** Choices of cuts: all tokens, or one of the usual cuts. */
const CUTS = {
  all: { words: "all tokens", cut: {} },
  topK: { words: "top-k 5", cut: { topK: 5 } },
  topP: { words: "top-p 0.9", cut: { topP: 0.9 } },
  minP: { words: "min-p 0.1", cut: { minP: 0.1 } },
} satisfies Record<string, { words: string; cut: CompareRequest["cut"] }>;
type Cut = keyof typeof CUTS;
const CUT_NAMES = Object.entries(CUTS).map(([name, { words }]) => [name, words] as const);

/** Base and trained policy on one prompt with the same random numbers, and the exported model. */
@customElement("kelvin-compare-policies")
export class ComparePolicies extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    cards,
    fields,
    controls,
    css`
      :host { display: grid; align-content: start; gap: var(--k-space-4); }
      .card { height: auto; }
      .body { display: grid; gap: var(--k-space-4); padding: 0.6rem var(--k-space-5) var(--k-space-4); }
      .body { grid-template-columns: minmax(0, 1fr); }
      .asking { display: flex; flex-wrap: wrap; gap: var(--k-space-4) var(--k-space-7); }
      .given { display: grid; grid-template-columns: minmax(0, 1fr); align-content: start; gap: var(--k-space-3); flex: 1 1 20rem; min-width: min(20rem, 100%); min-height: 9.5rem; }
      .settings { align-content: start; flex: 1 1 20rem; display: flex; flex-wrap: wrap; gap: var(--k-space-3) var(--k-space-5); align-items: end; }
      label { display: grid; gap: 0.15rem; font-size: var(--k-text-xs); color: var(--k-ink-2); }
      input[type="number"] { width: 7rem; }
      wa-slider { width: 11rem; }
      wa-select { width: 5.5rem; }
      wa-select[label="Drawn from"] { width: 8rem; }
      .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); align-items: start; gap: var(--k-space-4); }
      .said { display: flex; gap: 0.5rem; align-items: start; }
      .failed .icon { color: var(--k-danger); }
      .asked { color: var(--k-ink-2); }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private heldOut: readonly HeldOutSuite[] = [];
  @state() private task: Task | null = null;
  @state() private temperature = 1;
  @state() private cut: Cut = "all";
  @state() private samples = 8;
  @state() private seed = 1;
  @state() private chosen = 0;
  /** What the visitor is waiting for; "" for nothing. */
  @state() private waiting = "";
  @state() private failure = "";
  @state() private result: (Comparison & { readonly task: Task }) | null = null;
  @state() private exported: (ExportedComparison & { readonly task: Task }) | null = null;

  constructor() {
    super();
    new StoreController(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.attempt("Loading the held-out tasks…", async () => {
      this.heldOut = await this.store.ask("heldOut", null);
    });
  }

  override render() {
    if (this.failure && this.heldOut.length === 0) return this.renderUnable();
    return html`<section class="card" aria-label="What is asked"><div class="body">
        <kelvin-prompt-picker .suites=${this.suites} @picked=${(event: CustomEvent<Task | null>) => this.pick(event.detail)}></kelvin-prompt-picker>
        <div class="asking">${this.task ? html`<div class="given"><p class="asked">${TASK_QUESTION[this.task.type]}</p><kelvin-task-given .task=${this.task}></kelvin-task-given></div>` : nothing}
          ${this.renderSettings()}</div>
        <p class="said ${this.failure ? "failed" : ""}" role="status">${this.renderStatus()}</p>
      </div></section>
      <div class="columns">${this.renderPolicies()}${this.renderExported()}</div>`;
  }

  /** Shown instead of the fields if nothing can be sampled. */
  private renderUnable() {
    return html`<section class="card" aria-label="Base and trained"><div class="body">
      <p>Here base and trained policy write side by side to the same prompt. That needs the model itself, and a device to run it on.</p>
      <p class="said failed" role="status">${icon("caution")}<span>${this.failure}</span></p>
      <p><button class="button primary" type="button" @click=${() => this.store.whereabouts.show("compare", "runs")}>Compare two runs instead</button></p>
    </div></section>`;
  }

  private renderSettings() {
    const idle = this.task !== null && this.waiting === "";
    return html`<form class="settings" @submit=${this.compare}>
      ${slider({ label: "Temperature", min: 0, max: 1.5, step: 0.1, value: this.temperature, words: warmth, shown: warmth(this.temperature), onInput: (to) => this.warm(to) })}
      ${select({ label: "Drawn from", value: this.cut, options: CUT_NAMES, onChange: (name) => this.narrow(name as Cut) })}
      ${select({ label: "Samples", value: String(this.samples), options: COUNTS.map((count) => [String(count), String(count)]), onChange: (count) => this.take(Number(count)) })}
      <label>Seed <input type="number" min="0" max="999999999" step="1" .value=${String(this.seed)} @change=${this.onSeed} /></label>
      <button class="button primary" type="submit" ?disabled=${!idle}>Compare</button>
      <button class="button" type="button" ?disabled=${!idle} @click=${this.askExported}>Add the exported model</button>
    </form>`;
  }

  private renderStatus() {
    if (this.failure) return html`${icon("caution")}<span>${this.failure}</span>`;
    if (this.waiting) return html`<span>${this.waiting} ${this.delay}</span>`;
    if (this.result?.steps === 0)
      return html`<span>No run has trained this model yet: both columns are the same policy.</span>`;
    if (this.result && this.result.task === this.task) return html`<span>${changes(this.result)}</span>`;
    return html`<span class="quiet">Sample n of each column was drawn with the same random numbers. Token by token: hover, or arrow keys.</span>`;
  }

  /** Explains the wait if a run is using the device. */
  private get delay(): string {
    const { motion } = this.store.session;
    if (this.store.timeline !== null || motion === "idle") return "";
    return motion === "paused"
      ? "The paused run first finishes its step, and rests again."
      : "The run goes on; this has its turn when the step has ended.";
  }

  private renderPolicies() {
    const { result, chosen } = this;
    if (!result || result.task !== this.task) return nothing;
    const choose = (event: CustomEvent<number>) => this.open(event.detail);
    const trained = result.steps === 0 ? "not trained yet" : `after ${plural(result.steps, "step")}`;
    return html`<kelvin-sample-column heading="Base" aside="as it was loaded" .samples=${result.base} .chosen=${chosen} @chosen=${choose}></kelvin-sample-column>
      <kelvin-sample-column heading="Trained" aside=${trained} .samples=${result.trained} .chosen=${chosen} @chosen=${choose}></kelvin-sample-column>`;
  }

  private renderExported() {
    const { exported } = this;
    if (!exported || exported.task !== this.task) return nothing;
    const equal = exported.exported.pieces.join("") === exported.ours.pieces.join("");
    const note = equal
      ? "Greedy, token for token the text of our own engine."
      : `Greedy; our own engine writes otherwise: ${exported.ours.text}`;
    const aside = `ONNX Runtime, ${bytes(exported.bytes)}, ${plural(exported.steps, "step")}`;
    return html`<kelvin-sample-column heading="Exported" aside=${aside} note=${note} .samples=${[exported.exported]}></kelvin-sample-column>`;
  }

  private get suites(): readonly HeldOutSuite[] {
    const { tasks } = this.store.ownTasks;
    return tasks.length > 0 ? [...this.heldOut, { name: "your-tasks", tasks }] : this.heldOut;
  }

  private pick(task: Task | null): void {
    this.task = task;
    this.chosen = 0;
  }

  private open(index: number): void {
    this.chosen = index;
  }

  private warm(temperature: number): void {
    this.temperature = temperature;
  }

  private narrow(cut: Cut): void {
    this.cut = cut;
  }

  private take(samples: number): void {
    this.samples = samples;
  }

  private onSeed(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    if (/^\d{1,9}$/u.test(value)) this.seed = Number(value);
    else this.requestUpdate();
  }

  private compare(event: Event): void {
    event.preventDefault();
    const { task, seed, samples, temperature } = this;
    const { cut } = CUTS[this.cut];
    if (!task) return;
    void this.attempt("Both policies are writing…", async () => {
      const comparison = await this.store.ask("compare", { task, seed, samples, temperature, cut });
      this.result = { ...comparison, task };
      this.chosen = 0;
    });
  }

  private askExported(): void {
    const { task } = this;
    if (!task) return;
    void this.attempt(
      "Exporting the weights and loading ONNX Runtime (14 MB, from this page's own address)…",
      async () => {
        this.exported = { ...(await this.store.ask("exported", { task })), task };
      },
    );
  }

  private async attempt(waiting: string, work: () => Promise<void>): Promise<void> {
    this.waiting = waiting;
    this.failure = "";
    try {
      await work();
    } catch (error) {
      // A missing device or model is reported in place of the answer.
      if (!(error instanceof KelvinError)) throw error;
      this.failure = `${error.message} ${error.hint}`;
    } finally {
      this.waiting = "";
    }
  }
}

/** A temperature in words. */
function warmth(temperature: number): string {
  return temperature === 0 ? "0, greedy" : fixed(temperature, 1);
}

/** The difference between both policies on the same draws. */
function changes({ base, trained }: Comparison): string {
  const right = (samples: Comparison["base"]) => samples.map(({ verdict }) => verdict.verdict === "CORRECT");
  const [before, after] = [right(base), right(trained)];
  const gained = after.filter((is, index) => is && !before[index]).length;
  const lost = before.filter((was, index) => was && !after[index]).length;
  return `The same random numbers for both: ${plural(gained, "wrong answer")} became right, ${plural(lost, "right answer")} wrong.`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-compare-policies": ComparePolicies;
  }
}
