/** A run as one HTML file that needs nothing else: what it was, before and after, its curves. */
import { KelvinError, type SuiteResult, TASK_TYPES, type TaskType, type TrainEvent } from "../contracts";
import { drawAccuracy } from "../telemetry/accuracy-picture";
import { plain } from "../telemetry/markup";
import { methodName } from "../telemetry/method-name";
import { replayState } from "../telemetry/reducer";
import { type Evaluation, finishedSteps, type RunHeader, type RunState } from "../telemetry/state";
import { drawFigure, FIGURES } from "./report-figure";

const STYLE = `
:root { color-scheme: light dark; --ink: #17181a; --quiet: #63656a; --line: #dedbd5; --page: #f4f3f0; --card: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #f1f0ec; --quiet: #949aa3; --line: #282d34; --page: #0d0f12; --card: #15181c; } img, svg.light { background: #fff; border-radius: 6px; } }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; letter-spacing: -0.02em; margin: 0 0 0.2rem; } h2 { font-size: 1.05rem; margin: 2.2rem 0 0.6rem; }
p { margin: 0.3rem 0; } .quiet { color: var(--quiet); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; background: var(--card); border: 1px solid var(--line); }
th, td { padding: 0.35rem 0.8rem; text-align: right; border-top: 1px solid var(--line); } th:first-child, td:first-child { text-align: left; } caption { text-align: left; padding: 0.2rem 0; color: var(--quiet); }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; }
figure { margin: 0; padding: 0.8rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; } figcaption b { display: block; }
figure svg { display: block; width: 100%; height: auto; } .wide { overflow-x: auto; } code { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }`;

/** @param name how the visitor calls the run. @throws KelvinError "input" for a log without run.start */
export function writeReport(events: readonly TrainEvent[], name: string): string {
  const state = replayState(events);
  const { header } = state;
  if (!header) throw new KelvinError("input", "The log has no run.start.", "It is not the log of a run.");
  const suites = [...new Set(state.evaluations.map(({ suite }) => suite))];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${plain(name)} · Kelvin</title><style>${STYLE}</style></head>
<body><h1>${plain(name)}</h1>
<p>${plain(identity(header))}</p><p class="quiet">${plain(outcome(state))} Written by Kelvin from the run's own log; every figure is in it.</p>
<h2>Before and after</h2>
${suites.map((suite) => accuracyTable(state.evaluations, suite)).join("\n") || "<p>The run was not evaluated on held-out tasks.</p>"}
${suites
  .slice(0, 1)
  .map(
    (suite) =>
      `<h2>Held-out accuracy</h2><div class="wide">${drawAccuracy(events, suite).replace("<svg ", '<svg class="light" ')}</div>`,
  )
  .join("")}
<h2>What the steps measured</h2><div class="figures">${FIGURES.map((figure) => drawFigure(state.history, figure)).join("\n")}</div>
<h2>Proposals by ruling</h2>${rulingTable(state)}
<h2>To reproduce</h2><p><code>${plain(JSON.stringify({ method: header.method, model: header.model.name, seed: header.seed, steps: header.steps, config: header.config, kernels: header.kernels }))}</code></p>
</body></html>
`;
}

function identity({ method, model, seed, device }: RunHeader): string {
  return `${methodName(method)} on ${model.name} (${model.parameters.toLocaleString("en-US")} parameters), seed ${seed}, on ${device}.`;
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
  const row = (type: TaskType) => [
    type,
    ...[first, last].flatMap(({ result }) => figures(result, type)),
    String(last.result[type]?.tasks ?? 0),
  ];
  const head = ["", "greedy before", "sampled before", "greedy after", "sampled after", "tasks"];
  return table(
    `Percent right on ${suite}, before (step ${first.step}) and after (step ${last.step})`,
    head,
    TASK_TYPES.filter((type) => last.result[type]).map(row),
  );
}

function figures(result: SuiteResult, type: TaskType): string[] {
  const accuracy = result[type];
  return accuracy ? [percent(accuracy.greedy), percent(accuracy.sampled)] : ["–", "–"];
}

function rulingTable({ rulings }: RunState): string {
  const rows = Object.entries(rulings).sort(([, a = 0], [, b = 0]) => b - a);
  if (rows.length === 0) return "<p>No program was proposed.</p>";
  return table(
    "",
    ["ruling", "proposals"],
    rows.map(([name, count = 0]) => [name.toLowerCase(), count.toLocaleString("en-US")]),
  );
}

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: "td" | "th") =>
    row.map((cell) => `<${tag}>${plain(cell)}</${tag}>`).join("");
  return `<div class="wide"><table>${caption ? `<caption>${plain(caption)}</caption>` : ""}<thead><tr>${cells(head, "th")}</tr></thead>
<tbody>${rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("")}</tbody></table></div>`;
}

const percent = (share: number): string => (100 * share).toFixed(1);
