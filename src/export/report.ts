/** A run as one self-contained HTML file: settings, results before and after, curves. */
import { describeLora, KelvinError, type Measure, measureTitle, shareIn, type TrainEvent } from "../contracts";
import { drawAccuracy } from "../telemetry/accuracy-picture";
import { plain } from "../telemetry/markup";
import { titleOf } from "../telemetry/older-logs";
import { replayState } from "../telemetry/reducer";
import { type Evaluation, finishedSteps, type RunHeader, type RunState } from "../telemetry/state";
import { drawFigure, drawLegend, FIGURES } from "./report-figure";
import { REPORT_STYLE } from "./report-style";
import { commandOf } from "./reproduce";

/** @param name the visitor's name for the run. @throws KelvinError "input" for a log without run.start */
export function writeReport(events: readonly TrainEvent[], name: string): string {
  const state = replayState(events);
  const { header } = state;
  if (!header) throw new KelvinError("input", "The log has no run.start.", "It is not the log of a run.");
  const suites = [...new Set(state.evaluations.map(({ suite }) => suite))];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${plain(name)} · Kelvin</title><style>${REPORT_STYLE}</style></head>
<body><h1>${plain(name)}</h1>
<p>${plain(identity(header))}</p><p class="quiet">${plain(outcome(state))} Written by Kelvin from nothing but the run's own log.</p>
<h2>Before and after</h2>
${suites.map((suite) => accuracyTable(state.evaluations, suite)).join("\n") || "<p>The run was not evaluated on held-out tasks.</p>"}
${suites
  .slice(0, 1)
  .map(
    (suite) =>
      `<h2>Held-out accuracy</h2><div class="wide accuracy" tabindex="0" role="group" aria-label="Held-out accuracy">${drawAccuracy(events, suite)}</div>`,
  )
  .join("")}
<h2>What the steps measured</h2>${drawLegend(state.history)}<div class="figures">${FIGURES.map((figure) => drawFigure(state.history, figure)).join("\n")}</div>
<h2>Proposals by ruling</h2>${rulingTable(state)}
<h2>To reproduce</h2><p>Same seed, adapter, kernels and held-out programs: same bits.</p><pre>${plain(commandOf(header, state.evaluations))}</pre>
<p class="quiet">Kernels: ${plain(JSON.stringify(header.kernels))}</p>
</body></html>
`;
}

function identity(header: RunHeader): string {
  const { model, seed, device, lora, thinned } = header;
  const trained = lora ? ` Only adapters were trained: ${describeLora(lora)}.` : "";
  const left = thinned ? ` Its log was thinned: ${thinned.kept} of ${thinned.of} samples are in it.` : "";
  return `${titleOf(header)} on ${model.name} (${model.parameters.toLocaleString("en-US")} parameters), seed ${seed}, on ${device}.${trained}${left}`;
}

function outcome(run: RunState): string {
  const how = run.status === "running" ? "not finished" : run.status;
  const done = finishedSteps(run);
  const skipped = done - run.history.length;
  const silent = skipped > 0 ? ` In ${skipped} of them all advantages were zero and nothing was learned.` : "";
  return `${done} of ${run.header?.steps} steps, ${how}.${silent} ${run.message}`.trim();
}

function accuracyTable(evaluations: readonly Evaluation[], suite: string): string {
  const found = evaluations.filter((one) => one.suite === suite);
  const [first] = found;
  const last = found.at(-1);
  if (!first || !last) return "";
  const row = ({ name, value, n }: Measure) => {
    const before = shareIn(first.measures, name);
    return [measureTitle(name), percent(before), percent(value), signed(before, value), n.toLocaleString("en-US")];
  };
  return table(
    `Percent on ${suite}, before (step ${first.step}) and after (step ${last.step})`,
    ["measure", "before", "after", "change", "of"],
    last.measures.map(row),
  );
}

function rulingTable({ rulings }: RunState): string {
  const rows = Object.entries(rulings).sort(([, a = 0], [, b = 0]) => b - a);
  if (rows.length === 0) return "<p>No program was proposed.</p>";
  return table(
    "Every proposal of the run, as the verifier ruled",
    ["ruling", "proposals"],
    rows.map(([name, count = 0]) => [name.toLowerCase(), count.toLocaleString("en-US")]),
  );
}

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: "td" | "th") =>
    row.map((cell) => `<${tag}>${plain(cell)}</${tag}>`).join("");
  return `<p class="quiet">${plain(caption)}</p><div class="wide" tabindex="0" role="group" aria-label="${plain(caption)}"><table aria-label="${plain(caption)}"><thead><tr>${cells(head, "th")}</tr></thead>
<tbody>${rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("")}</tbody></table></div>`;
}

const percent = (share: number | undefined): string => (share === undefined ? "–" : (100 * share).toFixed(1));

function signed(before: number | undefined, after: number | undefined): string {
  if (before === undefined || after === undefined) return "–";
  const points = 100 * (after - before);
  return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)}`;
}
