import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { EVALUATE, type Phase, type PhaseInfo } from "../../contracts";
import type { RunState } from "../../telemetry/state";
import "../elements/phase-path";
import type { PathStop } from "../elements/phase-path";
import { duration } from "../format";
import { phaseNow, phasesOf } from "../phase-notes";
import type { Motion } from "../session";
import { type Store, StoreController } from "../store";
import { base } from "../styles";

/** The phase path of the run on screen: lit by what really happens. */
@customElement("kelvin-phase-panel")
export class PhasePanel extends LitElement {
  static override readonly styles = base;

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { run, session } = this.store;
    const last = run.history.at(-1);
    const total = last ? Object.values(last.timings).reduce((sum, ms) => sum + ms, 0) : null;
    const now = phaseLit(run, session.motion);
    const own = phasesOf(run, this.store.methodDisplay);
    const phases = now === EVALUATE.name ? [...own, EVALUATE] : own;
    return html`<kelvin-phase-path
      style="height:100%" .stops=${phases.map((phase) => stopOf(run, phase, now))} total=${duration(total)}
      @phase-chosen=${({ detail }: CustomEvent<Phase>) => this.store.stepTo(detail)}
    ></kelvin-phase-path>`;
  }
}

/** The current phase; while the run is paused between two, the last one. */
export function phaseLit(run: RunState, motion: Motion): Phase | null {
  return motion === "paused" && run.status === "running" ? phaseNow(run) : (run.active?.phase ?? null);
}

function stopOf(run: RunState, { name: phase, title }: PhaseInfo, lit: Phase | null): PathStop {
  const { current } = run;
  const spent = current.phases[phase];
  const last = run.history.at(-1)?.timings ?? {};
  const now = lit === phase;
  const time = spent !== undefined ? duration(spent) : last[phase] === undefined ? "" : `last ${duration(last[phase])}`;
  const total = Object.values(last).reduce((sum, ms) => sum + ms, 0);
  const share = total > 0 ? (spent ?? last[phase] ?? 0) / total : 0;
  const state = now ? "now" : spent !== undefined ? "done" : isAbsent(run, phase) ? "absent" : "next";
  const running = now && run.active?.phase === phase;
  return { name: phase, title, state, time: running ? "" : time, share: Math.min(1, share) };
}

/** Whether the run has shown that its method does without a phase: it came to a later one, in this step or before. */
export function isAbsent(run: RunState, phase: Phase): boolean {
  const { current, history, active } = run;
  const names = phasesOf(run).map(({ name }) => name);
  const last = history.at(-1)?.timings;
  if (last) return last[phase] === undefined;
  const later = names.slice(names.indexOf(phase) + 1);
  return (
    current.phases[phase] === undefined &&
    later.some((one) => current.phases[one] !== undefined || active?.phase === one)
  );
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-phase-panel": PhasePanel;
  }
}
