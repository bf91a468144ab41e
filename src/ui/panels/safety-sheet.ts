import { html, nothing, type TemplateResult } from "lit";
import "../elements/data-table";
import "./flag-list";
import { ATTACK_GROUPS, type AttackGroup } from "../../contracts";
import type { RunState } from "../../telemetry/state";
import { plural, whole } from "../format";
import { monitorFindings, safetyLayers } from "./safety-layers";

type Counts = Readonly<Partial<Record<string, number>>>;

/** The safety sheet: the layers, refused proposals by ruling and by reason, stopped programs, recognised attacks, flagged texts. */
export function safetySheet(run: RunState): TemplateResult {
  const { rulings, safety } = run;
  const { VALID: valid = 0, ...refusals } = rulings;
  const refused = total(refusals);
  const attacks = total(safety.attacks);
  const monitor = html`${monitorFindings(run)}<kelvin-flag-list></kelvin-flag-list>`;
  if (valid + refused + attacks + total(safety.stops) === 0)
    return html`<p>The model has proposed no program in this run yet.</p>${safetyLayers(run)}${monitor}`;
  return html`${safetyLayers(run)}<p>Every program and answer the model writes is untrusted. The verifier ruled on ${plural(valid + refused, "proposal")} in a locked-down Python of its own; ${whole(refused)} were refused, and none of those became a task. ${recognised(attacks)}</p>
    ${table("Proposals refused in this run, by ruling", ["ruling", "proposals"], refusals, (name) => name.toLowerCase())}
    ${table("Proposals refused in this run, by reason", ["reason", "proposals"], safety.refusals, reasonName)}
    ${table("Programs stopped from outside", ["stop", "programs"], safety.stops, (name) => name.toLowerCase())}
    ${table("Recognised attacks, by group of the catalogue", ["group", "attempts"], safety.attacks, groupName)}
    ${monitor}`;
}

function recognised(attacks: number): string {
  if (attacks === 0) return "No attack was recognised.";
  return `${plural(attacks, "completion")} looked like an attack of the catalogue; a small model writes most of these by chance.`;
}

/** The ruling in lower case, then its reason unchanged. */
function reasonName(reason: string): string {
  return reason.replace(/^[A-Z ]+(?=:|$)/u, (ruling) => ruling.toLowerCase());
}

function groupName(group: string): string {
  return `${group} · ${ATTACK_GROUPS[group as AttackGroup]}`;
}

function table(caption: string, columns: readonly string[], counts: Counts, name = (key: string): string => key) {
  const entries = Object.entries(counts).sort(([, a = 0], [, b = 0]) => b - a);
  if (entries.length === 0) return nothing;
  const rows = entries.map(([key, count = 0]) => [name(key), whole(count)]);
  return html`<kelvin-data-table caption=${caption} .columns=${columns} .rows=${rows}></kelvin-data-table>`;
}

function total(counts: Counts): number {
  return Object.values(counts).reduce<number>((sum, count = 0) => sum + count, 0);
}
