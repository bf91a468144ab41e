import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { largest, type Measure, measureTitle, partsOf, shareIn, TASK_TYPES } from "../../contracts";
import "../elements/data-table";
import "../elements/line-chart";
import "../elements/modal-dialog";
import "../elements/term";
import { fixed, percent, signed, whole } from "../format";
import { type HeadlineData, headline, suitesOf, tableOf } from "../gauges";
import { type Store, StoreController } from "../store";
import { base, buttons, types } from "../styles";
import { subjectLabel } from "../subject-label";
import { wordsOf } from "../teachers";
import { placeLink, termPlace } from "../visit";

/** Held-out accuracy: three numbers, the curve, and the sentence that explains the gain. */
@customElement("kelvin-headline-gauge")
export class HeadlineGauge extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    types,
    css`
      section { padding: var(--k-space-4) var(--k-space-5) var(--k-space-3); }
      header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 var(--k-space-3); }
      h2 { font-size: var(--k-text-md); font-weight: var(--k-weight-bold); }
      header p { font-size: var(--k-text-2xs); color: var(--k-ink-3); }
      dl { display: grid; grid-template-columns: repeat(3, auto); justify-content: space-between; margin: 0.5rem 0 0.2rem; }
      dt { font-size: var(--k-text-xs); color: var(--k-ink-2); }
      dd { display: flex; align-items: baseline; gap: 0.35rem; }
      dd b { font-size: var(--k-text-xl); line-height: 1.1; letter-spacing: var(--k-tracking-tight); font-weight: var(--k-weight-bold); }
      dd small { font-size: var(--k-text-xs); color: var(--k-ink-3); }
      kelvin-line-chart { --chart-height: 9.5rem; margin: 0 calc(-1 * var(--k-space-3)); }
      .meaning { font-size: var(--k-text-2xs); color: var(--k-ink-2); line-height: 1.4; }
      a { color: inherit; white-space: nowrap; text-underline-offset: 3px; }
      .foot { display: flex; flex-wrap: wrap; gap: var(--k-space-3); align-items: center; margin-top: var(--k-space-2); }
      .foot .button { height: 1.5rem; font-size: var(--k-text-2xs); padding: 0 0.5rem; border-color: var(--k-line); }
      .foot .button[aria-pressed="true"] { border-color: var(--k-ink); }
      @media (max-width: 720px) { .foot .button { height: 2.75rem; padding: 0 0.9rem; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private chosen: string | null = null;
  @state() private tableOpen = false;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const suites = suitesOf(this.store.run);
    const data = headline(this.store.run, this.chosen ?? suites[0] ?? "");
    return html`<section aria-labelledby="title">
      <header><h2 id="title"><kelvin-term name="held-out">Held-out accuracy</kelvin-term></h2><p class="number">${subtitle(data)}</p></header>
      <dl>${subjectsOf(data).map((subject) => this.renderStat(subject, data))}</dl>
      <kelvin-line-chart detailed label=${spoken(data)} .steps=${data.steps} .series=${data.series} .range=${[0, 100]} .references=${this.references(data)} .until=${this.until(data)}></kelvin-line-chart>
      <p class="meaning">${this.meaning(data)}</p>
      <div class="foot">
        ${suites.length < 2 ? nothing : suites.map((suite) => html`<button class="button" type="button" aria-pressed=${suite === data.suite} @click=${() => this.choose(suite)}>${suiteTitle(suite)}</button>`)}
        <button class="button" type="button" @click=${() => this.showTable(true)}>Table</button>
      </div>
      ${this.renderTable(data)}
    </section>`;
  }

  private meaning(data: HeadlineData): string {
    if (subjectsOf(data).every((subject) => subject === "integration")) return GAIN_OF_INTEGRALS;
    return wordsOf(this.store.run.header?.display ?? this.store.methodDisplay).gain;
  }

  private renderStat(subject: string, { series }: HeadlineData) {
    const values = series.find(({ label }) => label === subject)?.values ?? [];
    const before = values[0] ?? this.cardValue(subject);
    const now = values.at(-1) ?? before;
    const change =
      values.length > 1 && before !== null && now !== null ? signed(now - before, 1) : now === null ? "" : "before";
    return html`<div class=${subject}><dt>${subjectLabel(subject)}</dt><dd class="number"><b>${fixed(now, 1)}</b><small>${change}</small></dd></div>`;
  }

  /** The untrained model's accuracy with forced traces; before the run's first evaluation, from the model card. */
  private references({ forced }: HeadlineData): { value: number; label: string }[] {
    const card = (this.store.session.loaded?.card ?? []).filter(({ name }) => partsOf(name).what === "forcedTrace");
    const carded = card.map(({ value }) => 100 * value);
    const reached = forced.length > 0 ? forced.map(({ value }) => value) : carded;
    if (reached.length === 0) return [];
    const best = largest(reached);
    return [{ value: best, label: `worked traces reach ${fixed(best, 1)}` }];
  }

  /** Before a run's first evaluation, the model card gives the starting accuracy. */
  private cardValue(subject: string): number | null {
    const share = shareIn(this.store.session.loaded?.card, `${subject}/greedy`);
    return share === undefined ? null : 100 * share;
  }

  private renderTable(data: HeadlineData) {
    const { columns, rows } = tableOf(data.steps, data.series, 1);
    const counted = rows.map((row, index) => [...row, whole(data.tasks[index])]);
    return html`<kelvin-dialog heading="Held-out accuracy" .open=${this.tableOpen} @closed=${() => this.showTable(false)}>
      <p>${this.meaning(data)} ${placeLink(termPlace("held-out"), "More in Learn")}</p>
      <kelvin-data-table caption="Greedy accuracy in percent by step, ${suiteTitle(data.suite)}" .columns=${[...columns, "tasks"]} .rows=${counted}></kelvin-data-table>
      ${data.steps.length === 0 ? nothing : html`<kelvin-data-table caption="All that was measured last, in percent" .columns=${["measure", "share", "of"]} .rows=${this.lastRows(data)}></kelvin-data-table>`}
    </kelvin-dialog>`;
  }

  private lastRows({ suite }: HeadlineData): string[][] {
    const measures: readonly Measure[] =
      this.store.run.evaluations.findLast((one) => one.suite === suite)?.measures ?? [];
    return measures.map(({ name, value, n }) => [measureTitle(name), percent(value), whole(n)]);
  }

  private until({ steps }: HeadlineData): number {
    const planned = this.store.run.header?.steps ?? this.store.setup.steps;
    return Math.min(planned, Math.max(20, Math.ceil(((steps.at(-1) ?? 0) * 1.25) / 10) * 10));
  }

  private choose(suite: string): void {
    this.chosen = suite;
  }

  private showTable(open: boolean): void {
    this.tableOpen = open;
  }
}

const GAIN_OF_INTEGRALS =
  "An answer is right only if every term is: the longer, the harder. Nothing is worked out first.";

/** What is told in large: all that the suite has a curve of; before the first evaluation the task types. */
function subjectsOf({ series }: HeadlineData): readonly string[] {
  return series.length > 0 ? series.map(({ label }) => label) : TASK_TYPES;
}

/** The big numbers and their error are from the latest evaluation. */
function subtitle(data: HeadlineData): string {
  const tasks = data.tasks.at(-1) ?? 0;
  if (tasks === 0) return "%, greedy";
  const error = 100 * Math.sqrt(0.25 / tasks);
  return `%, greedy, ${whole(tasks)} tasks per type, ±${fixed(error, 1)}`;
}

function spoken({ steps, series, forced }: HeadlineData): string {
  if (steps.length === 0) return "Held-out accuracy by step. No evaluation yet.";
  const now = series.map(({ label, values }) => `${label} ${fixed(values.at(-1), 1)}`).join(", ");
  const traced = forced.map(({ type, value }) => `${type} ${percent(value / 100)}`).join(", ");
  return `Held-out accuracy by step. At step ${steps.at(-1)}: ${now} percent.${traced ? ` With forced traces at the start: ${traced}.` : ""}`;
}

function suiteTitle(suite: string): string {
  return suite.replace(/^heldout-/u, "").replaceAll("-", " ");
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-headline-gauge": HeadlineGauge;
  }
}
