/** The layers between a model's text and the visitor, each with what it caught in this run. */
import { html, type TemplateResult } from "lit";
import "../elements/data-table";
import type { VerdictName } from "../../contracts";
import type { RunState } from "../../telemetry/state";
import { fixed, plural, whole } from "../format";

/** Rulings of the filter, which reads a proposal and runs nothing. */
const FILTER: readonly VerdictName[] = ["FORMAT", "TOO LONG", "OUT OF DOMAIN", "DUPLICATE", "HELD OUT"];
const SPARED: readonly VerdictName[] = ["VALID", "CORRECT"];

type Row = readonly [layer: string, does: string, caught: string];

/** One entry per layer. */
export function safetyLayers(run: RunState): TemplateResult {
  const rows: Row[] = [filterRow(run), verifierRow(run), ...constitutionRow(run), monitorRow(run), STOP];
  return html`<h3>The layers, from the model's text to you</h3>
    <dl class="layers">${rows.map(([layer, does, caught]) => html`<dt>${layer}</dt><dd>${does}. <b class="number">${caught}.</b></dd>`)}</dl>`;
}

function filterRow({ rulings }: RunState): Row {
  const caught = FILTER.reduce((sum, name) => sum + (rulings[name] ?? 0), 0);
  return [
    "Filter",
    "It reads the text. What has no form, or leaves the language, never runs",
    plural(caught, "proposal"),
  ];
}

function verifierRow({ rulings, safety }: RunState): Row {
  const names = Object.keys(rulings) as VerdictName[];
  const own = names.filter((name) => !FILTER.includes(name) && !SPARED.includes(name));
  const caught = own.reduce((sum, name) => sum + (rulings[name] ?? 0), 0);
  const attacks = Object.values(safety.attacks).reduce((sum, count) => sum + (count ?? 0), 0);
  const attempts = attacks > 0 ? `, ${plural(attacks, "attempt")} of the catalogue` : "";
  return ["Verifier", "It runs programs in a jail, within limits", `${plural(caught, "program")}${attempts}`];
}

/** Of a method that has laws. */
function constitutionRow({ history }: RunState): Row[] {
  const kept = history.findLast(({ metrics }) => metrics["laws/kept"] !== undefined)?.metrics["laws/kept"];
  if (kept === undefined) return [];
  return [
    [
      "constitution",
      "Laws that the model judges itself by",
      `${fixed(100 * (1 - kept), 0)} % of the last step's programs break one`,
    ],
  ];
}

function monitorRow({ flagged }: RunState): Row {
  return ["Monitor", "It flags words and patterns of a list for you", plural(flagged.texts, "text")];
}

const STOP: Row = ["You", "Pause acts within one sample. Stop ends the run and keeps it", "Whenever you press it"];

/** What the monitor found, word by word, and its newest texts. */
export function monitorFindings({ flagged }: RunState): TemplateResult {
  const rows = Object.entries(flagged.counts).map(([source, count]) => [source, whole(count)]);
  if (rows.length === 0) return html``;
  return html`<kelvin-data-table caption="Flagged texts, by entry of the list" .columns=${["entry", "texts"]} .rows=${rows}></kelvin-data-table>
    <ul aria-label="The newest flagged texts">${flagged.latest.map(({ text, source }) => html`<li><code>${source}</code>: <q>${text}</q></li>`)}</ul>`;
}
