import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { isHeadline, largest, partsOf, shareIn, smallest } from "../../contracts";
import { type Evaluation, finishedSteps } from "../../telemetry/state";
import "../elements/data-table";
import "../elements/line-chart";
import { fixed, percent, signed, whole } from "../format";
import { headline, suitesOf } from "../gauges";
import { ShippedRunController } from "../shipped-run";
import { type Store, StoreController } from "../store";
import { base, buttons } from "../styles";

/** Held-out results of one run. */
interface Results {
  readonly evaluations: readonly Evaluation[];
  /** Model, seed and device of the run. */
  readonly from: string;
}

/** Results of the run on screen if it is of this method, else of the shipped recording. */
@customElement("kelvin-evidence")
export class Evidence extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    css`
      :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--k-space-4); overflow-wrap: anywhere; }
      kelvin-line-chart { --chart-height: 14rem; }
      p { color: var(--k-ink-2); font-size: var(--k-text-sm); }
      .none { padding: var(--k-space-5); border: 1px dashed var(--k-line-strong); border-radius: var(--k-radius-3); }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @property() method = "";
  private readonly shipped = new ShippedRunController(this, () => this.method);

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const results = this.ownResults() ?? this.shippedResults();
    if (!results)
      return html`<p class="none">Nothing yet on this device. Train with this method in Play, and its held-out results stand here.</p>`;
    const { evaluations, from } = results;
    const suite = suitesOf({ evaluations })[0] ?? "";
    const { steps, series, forced, tasks } = headline({ evaluations }, suite);
    const reached = largest(
      forced.map(({ value }) => value),
      0,
    );
    const references = reached > 0 ? [{ value: reached, label: `worked traces reach ${fixed(reached, 1)}` }] : [];
    return html`<p class="number">${from}</p>
      ${steps.length > 1 ? html`<kelvin-line-chart detailed label="Held-out accuracy in percent by step; the table below has the first and the last value" .steps=${steps} .series=${series} .range=${[0, 100]} .references=${references} .until=${steps.at(-1) ?? 0}></kelvin-line-chart>` : nothing}
      ${tasks.length > 1 && new Set(tasks).size > 1 ? html`<p>First and last point: ${whole(tasks[0])} tasks per type; in between, ${whole(smallest(tasks))} of them. A small jump where the number changes is other tasks, not another model.</p>` : nothing}
      <kelvin-data-table caption="Greedy accuracy in percent on ${suite.replaceAll("-", " ")}; traces in percent of sampled answers" .columns=${["task type", "before", "now", "change", "traces before", "traces now", "forced traces before"]} .rows=${rowsOf(evaluations.filter((one) => one.suite === suite))}></kelvin-data-table>`;
  }

  private ownResults(): Results | null {
    const { run } = this.store;
    const { header, evaluations } = run;
    if (header?.method !== this.method || evaluations.length === 0) return null;
    const what = this.store.timeline ? "The recorded run on screen" : "The run on screen";
    return {
      evaluations,
      from: `${what}: ${header.model.name}, seed ${header.seed}, ${whole(finishedSteps(run))} of ${whole(header.steps)} steps so far, on ${header.device}.`,
    };
  }

  private shippedResults(): Results | null {
    const { run } = this.shipped;
    if (!run || run.evaluations.length === 0) return null;
    const { model, seed, steps, device } = run.field;
    return {
      evaluations: run.evaluations,
      from: `The recording that ships with this page: ${model.name} (${whole(model.parameters)} parameters), seed ${seed}, ${steps} steps, on ${device}. Start a run in Play and yours stands here.`,
    };
  }
}

/** First and last evaluation: a row for each measure that a curve shows. */
function rowsOf(evaluations: readonly Evaluation[]): string[][] {
  const [before, now] = [evaluations[0]?.measures ?? [], evaluations.at(-1)?.measures];
  return before.filter(isHeadline).flatMap(({ name, value }) => {
    const last = shareIn(now, name);
    if (last === undefined) return [];
    const type = partsOf(name).subject;
    const of = (what: string, measures = before) => percent(shareIn(measures, `${type}/${what}`));
    const change = signed(100 * (last - value), 1);
    return [[type, percent(value), percent(last), change, of("traceShare"), of("traceShare", now), of("forcedTrace")]];
  });
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-evidence": Evidence;
  }
}
